/**
 * What one unit of work costs on the reference machine (two shared cores at 2.5 GHz), with where the
 * figure comes from. Everything else in the model is arithmetic. Change a figure here when a new run
 * of the benchmarks changes it; docs/scaling.md is printed from it and tested against it.
 */
export interface Figures {
  /** CPU of each part for one message accepted and delivered to one device, microseconds. */
  readonly microsPerMessage: {
    readonly gateway: number
    readonly websocket: number
    readonly chat: number
    readonly broker: number
    readonly postgres: number
  }
  /** CPU of a websocket instance for each further device that a message is pushed to, microseconds. */
  readonly microsPerDelivery: number
  /** Memory of an idle authenticated connection, KiB, in the websocket service. */
  readonly kibPerConnection: number
  /** The same in NGINX: two sockets with their buffers. */
  readonly gatewayKibPerConnection: number
  /** CPU of auth and chat for a request such as continuing a session or a page of a log, microseconds. */
  readonly microsPerRequest: number
  /** What a stored envelope takes besides its ciphertext: header of the row, ids, two indexes. Bytes. */
  readonly rowOverheadBytes: number
  /** Bytes of write-ahead log for a byte of table and index. */
  readonly walPerByte: number
  /** Bytes on the wire besides the ciphertext, for each frame: JSON around it, TLS, TCP. */
  readonly frameOverheadBytes: number
  /** Memory of a Node process before its first connection, MiB. */
  readonly processMib: number
}

export const figures: Figures = {
  microsPerMessage: {
    // `npm run bench:load -- --topology cluster --only P1`: 50 pairs with 16 envelopes in flight, 1,700
    // messages a second on a machine that was busy with other work too. With one in flight, batches are
    // small, and it is Node 590, RabbitMQ 117, PostgreSQL 194, NGINX 66.
    gateway: 10.3,
    // Node 165, of all services; the halves are a guess.
    websocket: 83,
    chat: 82,
    broker: 19.5,
    postgres: 35.6,
  },
  // The same of the all-in-one, P4: to 500 online.
  microsPerDelivery: 4,
  // The all-in-one, P5: 10,000 idle connections.
  kibPerConnection: 8.6,
  // Not measured: two sockets with the buffers that NGINX keeps for them.
  gatewayKibPerConnection: 24,
  // Not measured apart, and rather too much: a step of a log-in takes 3 to 9 ms in `bench/auth`, most of it
  // waiting.
  microsPerRequest: 2_000,
  // 100,000 envelopes in 1,000 conversations, ciphertexts of 864 bytes: 1,024 bytes of table and 116 of
  // indexes each, by `pg_relation_size`.
  rowOverheadBytes: 276,
  // The same 100,000: 1.1; more after each checkpoint, whose first changes are logged as whole pages.
  walPerByte: 1.5,
  frameOverheadBytes: 420,
  processMib: 90,
}
