import type { Logger } from '@sotto/service-runtime'
import {
  createTopics as createGoodTopics,
  type Topics,
} from '../../../packages/service-runtime/src/broker/topics.ts'
import { isDisturbed, random } from './disturbance.ts'

export * from '../../../packages/service-runtime/src/broker/topics.ts'

const LONGEST_DELAY_MS = 300

/**
 * Not a bug: the worst that a broker may do to events on their way to a process's subscriptions. Some are lost, some
 * arrive twice, and some are reordered.
 */
export function createTopics(log: Logger): Topics {
  const topics = createGoodTopics(log)
  return {
    ...topics,
    toShards: (event) => disturb(() => topics.toShards(event)),
    toInstance: (id, event) => disturb(() => topics.toInstance(id, event), { mayLose: 0.01 }),
    toAll: (event) => disturb(() => topics.toAll(event)),
  }
}

/** A device that gets no verdict waits ten seconds for it, so few verdicts are lost. */
function disturb(deliver: () => void, { mayLose = 0.15 } = {}): void {
  // In calm periods, each is delivered once and immediately.
  const fate = isDisturbed() ? random() : 0.3
  const isLost = fate < mayLose
  if (!isLost && fate < 0.6) deliver()
  // Later, or a second time later.
  if (fate > 0.4) setTimeout(deliver, random() * LONGEST_DELAY_MS)
}
