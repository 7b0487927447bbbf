import type { WorkQueueOptions } from '../../../src/broker/work-queue.ts'
import type { Broker } from '../../../src/index.ts'

interface Settings {
  commands?: Partial<WorkQueueOptions>
  jobs?: Partial<WorkQueueOptions>
}

/** How to test an adapter. */
export interface AdapterUnderTest {
  /**
   * Creates the broker of another process in the same system; `settings` apply to the whole system.
   */
  join(settings?: Settings): Promise<Broker>
  /** Closes all brokers; the next `join` starts a new system. */
  leave(): Promise<void>
  /** The log since the last `leave`. */
  logged(): string
  /** How many commands beyond `maxWaiting` may be in flight before `sendCommand` stays pending. */
  readonly slack: number
}
