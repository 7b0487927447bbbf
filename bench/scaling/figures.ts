/**
 * The cost of one unit of work on the reference machine (two shared cores at 2.5 GHz), with the
 * source of each figure. Everything else in the model is arithmetic. Change a figure here when a
 * new benchmark run changes it; docs/scaling.md is printed from these figures and tested against
 * them.
 */
export interface Figures {
  /** CPU time of each part for one message accepted and delivered to one device, microseconds. */
  readonly microsPerMessage: {
    readonly gateway: number
    readonly websocket: number
    readonly chat: number
    readonly broker: number
    readonly postgres: number
  }
  /**
   * CPU time of a websocket instance for each further device that a message is pushed to,
   * microseconds.
   */
  readonly microsPerDelivery: number
  /** Memory of an idle authenticated connection, KiB, in the websocket service. */
  readonly kibPerConnection: number
  /** The same in NGINX: two sockets with their buffers. */
  readonly gatewayKibPerConnection: number
  /**
   * CPU time of auth and chat for a request such as refreshing a session or reading a page of a
   * log, microseconds.
   */
  readonly microsPerRequest: number
  /** The size of a stored envelope besides its ciphertext: row header, ids, two indexes. Bytes. */
  readonly rowOverheadBytes: number
  /** Bytes of write-ahead log per byte of table and index. */
  readonly walPerByte: number
  /** Bytes on the wire besides the ciphertext, per frame: the surrounding JSON, TLS, TCP. */
  readonly frameOverheadBytes: number
  /** Memory of a Node process before its first connection, MiB. */
  readonly processMib: number
}

export const figures: Figures = {
  microsPerMessage: {
    // `npm run bench:load -- --topology cluster`, P1: 50 pairs with 16 envelopes in flight, 11,462
    // messages per second. With one in flight, batches are small, and the figures are Node 421,
    // RabbitMQ 91, PostgreSQL 214, NGINX 54.
    gateway: 12.5,
    // Node 87.4 for all services; the split in half is an estimate.
    websocket: 43.7,
    chat: 43.7,
    broker: 12,
    postgres: 34.6,
  },
  // All-in-one, P4 to 500 online: 2.2. Cluster: 8.3, of which this is the share of websocket.
  microsPerDelivery: 4,
  // Cluster, P5: 10,000 idle connections.
  kibPerConnection: 12.5,
  gatewayKibPerConnection: 14.2,
  // Not measured separately, and rather too high: a step of a log-in takes 3 to 9 ms in
  // `bench/auth`, most of which is waiting.
  microsPerRequest: 2_000,
  // 100,000 envelopes in 1,000 conversations, ciphertexts of 864 bytes: 1,024 bytes of table and 116 of
  // indexes each, by `pg_relation_size`.
  rowOverheadBytes: 276,
  // The same 100,000: 1.1; more after each checkpoint, after which the first changes are logged as
  // whole pages.
  walPerByte: 1.5,
  frameOverheadBytes: 420,
  processMib: 90,
}
