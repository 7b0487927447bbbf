/** The parts of the cluster that are processes of their own. */
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
 * How long a part may take to start, or to take a new configuration. Against what hangs: what takes two seconds on
 * one computer takes a minute on a small one whose parts all start at once, and to end it then would begin it again.
 */
export const STARTS_WITHIN_MS = 300_000

/** How a part is started. */
export interface Part {
  readonly name: PartName
  /** The port it serves on. */
  readonly port: number
  /**
   * Starts it, and resolves when it serves. What an earlier run left behind is ended first. Rejects
   * when it ends before it is ready, or when `signal` says that it is not wanted any more.
   */
  start(signal: AbortSignal): Promise<Run>
  /** Whether it serves at the moment. */
  isReady(): Promise<boolean>
}

/** One life of a part. */
export interface Run {
  readonly pid: number
  /** Resolves when it has ended, asked or not. */
  readonly ended: Promise<void>
  /** Lets it end what it has begun, then ends it. */
  stop(): Promise<void>
}
