import type { Subscription } from '../broker.ts'
import { type ConsumerDependencies, WorkConsumer } from './consume-work.ts'
import { type Link, type Session, WAIT_FOR_SESSION_MS } from './link.ts'

/** All consumers of this process, across sessions. */
export interface Consumers {
  /** Resolves when the broker knows the consumer. */
  add<Work>(deps: ConsumerDependencies<Work>): Promise<Subscription>
  attach(session: Session): Promise<void>
  close(): Promise<void>
}

export function createConsumers(link: Link): Consumers {
  const open = new Set<Subscription & { attach(session: Session): Promise<void> }>()
  return {
    async add(deps) {
      const consumer = new WorkConsumer(deps)
      open.add(consumer)
      const session = await link.find(WAIT_FOR_SESSION_MS)
      await consumer.attach(session)
      return {
        async close() {
          open.delete(consumer)
          await consumer.close()
        },
      }
    },
    async attach(session) {
      for (const consumer of open) await consumer.attach(session)
    },
    async close() {
      await Promise.all([...open].map((consumer) => consumer.close()))
    },
  }
}
