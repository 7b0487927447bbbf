import type {
  AccountEvent,
  BatchDecided,
  BroadcastEvent,
  Command,
  InstanceId,
  Job,
  JobKind,
} from '@sotto/wire'

/** A receiver that runs until it is closed. */
export interface Subscription {
  /**
   * Stops receiving. Resolves after every running call of the handler has ended; the handler is not
   * called again. Idempotent.
   */
  close(): Promise<void>
}

/** A subscription to account events whose shards follow the connected accounts. */
export interface ShardSubscription extends Subscription {
  /**
   * Replaces the shards. Resolves when events for the added shards arrive. Only events published
   * after that are certain to arrive, so a caller that needs earlier ones must read them from the
   * database afterwards.
   */
  setShards(shards: Iterable<number>): Promise<void>
}

/** A higher priority goes first among the waiting jobs of one kind. */
export const MAX_JOB_PRIORITY = 4

/** How much is waiting for a consumer. The unit depends on the adapter. */
export interface QueueDepths {
  readonly commands: number
  readonly jobs: number
  /** Work that was dead-lettered because it kept failing. */
  readonly deadLetters: number
}

/**
 * Carries commands and events between services. This is the server's only port with several
 * adapters: services in one process share the in-process adapter, and services in separate
 * processes share a message broker.
 *
 * Every adapter keeps these rules, and every caller relies on them:
 *
 * - **A command is work**: exactly one consumer of all processes gets it, and gets it again until a
 *   handler resolves. A handler may therefore see it twice and must recognize it by its ids.
 *   Commands have no order. A command that keeps failing is dead-lettered and logged, never
 *   silently dropped.
 * - **A job is work that can wait**: it follows the rules for commands, with a separate queue for
 *   each kind.
 * - **An event is a hint about a past fact**: every matching subscription gets it, at least once
 *   while broker and subscriber live, in any order. Subscriptions that do not exist yet miss it.
 *   The database is authoritative; nothing may depend on an event arriving.
 * - Handlers run after the publishing call, never inside it. Their arguments are shared and must
 *   not be modified.
 * - Promises of `send…` and `publish…` resolve when the broker has taken responsibility, and reject
 *   when that is uncertain; the caller then retries or reports failure. No adapter retries on its
 *   own an operation whose result is uncertain.
 */
export interface Broker {
  /**
   * Puts a command into the work queue. Resolves when the broker has it. While too many commands
   * wait for a consumer, it stays pending, so that callers that await it slow down to the
   * consumers' pace.
   */
  sendCommand(command: Command): Promise<void>

  /**
   * Takes commands from the work queue, several at a time up to the adapter's limit. A command is
   * acknowledged when `handler` resolves, so it must not resolve before its transaction is
   * committed. If it rejects, the command is retried after a delay, a limited number of times.
   */
  consumeCommands(handler: (command: Command) => Promise<void>): Promise<Subscription>

  /**
   * Puts a job into the queue of its kind, ahead of jobs with a lower `priority` (0 to
   * `MAX_JOB_PRIORITY`; 0 by default). Resolves and waits as `sendCommand` does.
   */
  sendJob(job: Job, priority?: number): Promise<void>

  /** Takes jobs of one kind, under the same rules as `consumeCommands` but with more retries. */
  consumeJobs<K extends JobKind>(
    kind: K,
    handler: (job: Extract<Job, { type: K }>) => Promise<void>,
  ): Promise<Subscription>

  /**
   * Publishes to every subscription that holds a shard of one of the event's recipients, once each.
   */
  publishToShards(event: AccountEvent): Promise<void>

  /**
   * Receives the account events of `shards`. An event whose recipients are in several of them
   * arrives once. If the handler throws, the error is logged and the event is not redelivered.
   */
  subscribeShards(
    shards: Iterable<number>,
    handler: (event: AccountEvent) => void,
  ): Promise<ShardSubscription>

  /**
   * Answers the websocket instance that sent a batch. If the instance is gone, the answer is
   * discarded.
   */
  publishToInstance(id: InstanceId, event: BatchDecided): Promise<void>

  /** Receives the events for one instance. */
  subscribeInstance(id: InstanceId, handler: (event: BatchDecided) => void): Promise<Subscription>

  /** Publishes to every process. */
  publishToAll(event: BroadcastEvent): Promise<void>

  /** Receives the events for every process. */
  subscribeAll(handler: (event: BroadcastEvent) => void): Promise<Subscription>

  /**
   * Calls `handler` when events may have been lost since the last call, after the subscriptions
   * receive again. Subscribers must then read what they missed.
   */
  onInterrupted(handler: () => void): Subscription

  /** Counts waiting work, for the operator. Rejects if the broker cannot be asked. */
  readQueues(): Promise<QueueDepths>

  /** Whether commands and events are expected to pass at the moment. */
  isHealthy(): boolean

  /** Closes all subscriptions, then the connection. Nothing may be sent afterwards. */
  close(): Promise<void>
}
