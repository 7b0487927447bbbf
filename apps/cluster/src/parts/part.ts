/** The parts of the cluster that run as separate processes. */
export type PartName =
  | 'postgres'
  | 'rabbitmq'
  | 'auth'
  | 'auth-spare'
  | 'chat-1'
  | 'chat-2'
  | 'websocket-1'
  | 'websocket-2'
  | 'nginx'

/** The instances of the services. */
export type Instance = Exclude<PartName, 'postgres' | 'rabbitmq' | 'nginx'>

/**
 * How long a part may take to start or to apply a new configuration. It only catches hangs: a start
 * that takes two seconds on one computer takes a minute on a small one whose parts all start at
 * once, and killing it would only begin it again.
 */
export const STARTS_WITHIN_MS = 300_000

/** How to start a part. */
export interface Part {
  readonly name: PartName
  /** The port on which it serves. */
  readonly port: number
  /**
   * Starts it, and resolves when it is ready. First ends leftovers of an earlier run. Rejects if it
   * exits before it is ready, or if `signal` aborts the start.
   */
  start(signal: AbortSignal): Promise<Run>
  /** Whether it is ready at the moment. */
  isReady(): Promise<boolean>
}

/** One run of a part. */
export interface Run {
  readonly pid: number
  /** Resolves when it has exited, expectedly or not. */
  readonly ended: Promise<void>
  /** Lets it finish its work, then stops it. */
  stop(): Promise<void>
}
