import type { Logger } from '../../log.ts'
import type { Session } from './link.ts'
import type { Topology } from './topology.ts'

/** Why something was set aside. */
export type Reason = 'unreadable' | 'failed'

/** Sets aside what nobody can do, for an operator to look at. Rejects when it was not stored. */
export type SetAside = (session: Session, dead: DeadLetter) => Promise<void>

interface DeadLetter {
  readonly queue: string
  readonly reason: Reason
  /** What went wrong, in words without content. */
  readonly detail: string
  readonly text: string
}

export function createDeadLetters(topology: Topology, log: Logger): SetAside {
  return async ({ publishing }, { queue, reason, detail, text }) => {
    log.error({ queue, reason, detail }, 'work is given up')
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
