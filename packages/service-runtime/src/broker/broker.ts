import type {
  AccountEvent,
  BatchDecided,
  BroadcastEvent,
  Command,
  InstanceId,
  Job,
  JobKind,
} from '@sotto/wire'

/** Something that receives until it is closed. */
export interface Subscription {
  /**
   * Stops receiving. When it resolves, the handler is not called any more and every call of it has
   * ended. Closing twice is harmless.
   */
  close(): Promise<void>
}

/** A subscription to account events whose shards follow the accounts that are connected. */
export interface ShardSubscription extends Subscription {
  /**
   * Replaces the shards. When it resolves, events of the added shards arrive: only what is published
   * from then on is sure to, so whoever needs the past reads it afterwards.
   */
  setShards(shards: Iterable<number>): Promise<void>
}

/** The higher, the sooner: among the waiting jobs of one kind. */
export const MAX_JOB_PRIORITY = 4

/** How much waits for a consumer; in what unit depends on the adapter. */
export interface QueueDepths {
  readonly commands: number
  readonly jobs: number
  /** What was set aside because it kept failing. */
  readonly deadLetters: number
}

/**
 * What carries commands and events between services. The one port on the server: services
 * in one process share the in-process adapter, services of their own share a message broker.
 *
 * The rules every adapter keeps and every caller relies on:
 *
 * - **A command is work**: it goes to exactly one consumer of all processes and is given again until
 *   a handler resolved, so a handler may see it twice and must recognise it by its ids. There is no
 *   order among commands. A command that keeps failing is set aside and logged, never dropped
 *   silently.
 * - **A job is work that can wait**: the rules of commands, its own queue for each kind.
 * - **An event is a hint about a past fact**: it goes to every matching subscription, at least once
 *   while broker and subscriber live, in any order, and is lost for subscriptions that do not exist
 *   yet. The database is the truth; nothing may depend on an event to arrive.
 * - Handlers run after the publishing call, never inside it. What they are given is shared: it is
 *   not to be changed.
 * - Promises of `send…` and `publish…` resolve when the broker has taken responsibility and reject
 *   when that is uncertain; the caller then tries again or reports failure. No adapter retries
 *   publishing in the dark.
 */
export interface Broker {
  /**
   * Puts a command into the work queue. Resolves when it is taken; while too many commands wait for
   * a consumer it does not resolve, so callers that await it slow down to the pace of the consumers.
   */
  sendCommand(command: Command): Promise<void>

  /**
   * Takes commands out of the work queue, several at a time up to the adapter's limit. A command is
   * acknowledged when `handler` resolves: it must not resolve before its transaction is committed.
   * When it rejects, the command is given again after a delay, a few times.
   */
  consumeCommands(handler: (command: Command) => Promise<void>): Promise<Subscription>

  /**
   * Puts a job into the queue of its kind, before those of a lower `priority` (0 to
   * `MAX_JOB_PRIORITY`; 0 by default). Resolves and waits as `sendCommand` does.
   */
  sendJob(job: Job, priority?: number): Promise<void>

  /** Takes jobs of one kind, under the same rules as `consumeCommands`, with more patience. */
  consumeJobs<K extends JobKind>(
    kind: K,
    handler: (job: Extract<Job, { type: K }>) => Promise<void>,
  ): Promise<Subscription>

  /** Tells every subscription that holds the shard of one of the event's recipients, once each. */
  publishToShards(event: AccountEvent): Promise<void>

  /**
   * Receives the account events of `shards`; an event whose recipients lie in several of them
   * arrives once. A handler that throws is logged; the event is not given again.
   */
  subscribeShards(
    shards: Iterable<number>,
    handler: (event: AccountEvent) => void,
  ): Promise<ShardSubscription>

  /** Answers the websocket instance that sent a batch. Nobody is told when it is gone. */
  publishToInstance(id: InstanceId, event: BatchDecided): Promise<void>

  /** Receives what is meant for one instance. */
  subscribeInstance(id: InstanceId, handler: (event: BatchDecided) => void): Promise<Subscription>

  /** Tells every process. */
  publishToAll(event: BroadcastEvent): Promise<void>

  /** Receives what is meant for every process. */
  subscribeAll(handler: (event: BroadcastEvent) => void): Promise<Subscription>

  /**
   * Calls `handler` when events may have been lost since the last call, once the subscriptions
   * receive again: whoever relies on them reads what it missed.
   */
  onInterrupted(handler: () => void): Subscription

  /** Counts what waits; rejects when the broker cannot be asked. For whoever operates it. */
  readQueues(): Promise<QueueDepths>

  /** Whether commands and events can be expected to pass at the moment. */
  isHealthy(): boolean

  /** Closes all subscriptions, then the connection. Nothing may be sent afterwards. */
  close(): Promise<void>
}
