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
    // `npm run bench:load -- --topology cluster`, P1: 50 pairs with 16 envelopes in flight, 11,462 messages a
    // second. With one in flight batches are small, and it is Node 421, RabbitMQ 91, PostgreSQL 214, NGINX 54.
    gateway: 12.5,
    // Node 87.4, of all services; the halves are a guess.
    websocket: 43.7,
    chat: 43.7,
    broker: 12,
    postgres: 34.6,
  },
  // The all-in-one, P4 to 500 online: 2.2. The cluster: 8.3, of which this is the part of websocket.
  microsPerDelivery: 4,
  // The cluster, P5: 10,000 idle connections.
  kibPerConnection: 12.5,
  gatewayKibPerConnection: 14.2,
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
