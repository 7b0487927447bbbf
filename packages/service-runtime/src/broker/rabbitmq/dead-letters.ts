import type { Logger } from '../../log.ts'
import type { Session } from './link.ts'
import type { Topology } from './topology.ts'

/** Why work was dead-lettered. */
export type Reason = 'unreadable' | 'failed'

/**
 * Dead-letters work that no consumer can do, for an operator to inspect. Rejects if it was not
 * stored.
 */
export type SetAside = (session: Session, dead: DeadLetter) => Promise<void>

interface DeadLetter {
  readonly queue: string
  readonly reason: Reason
  /** The error in words, without content. */
  readonly detail: string
  readonly text: string
}

export function createDeadLetters(topology: Topology, log: Logger): SetAside {
  return async ({ publishing }, { queue, reason, detail, text }) => {
    log.error({ queue, reason, detail }, 'work dead-lettered')
    await publishing.basicPublish(
      {
        routingKey: topology.deadLetters,
        durable: true,
        headers: { reason, detail, queue },
      },
      Buffer.from(text),
    )
  }
}
