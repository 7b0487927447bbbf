import type { Logger } from '@sotto/service-runtime'
import {
  createTopics as createGoodTopics,
  type Topics,
} from '../../../packages/service-runtime/src/broker/topics.ts'
import { isDisturbed, random } from './disturbance.ts'

export * from '../../../packages/service-runtime/src/broker/topics.ts'

const LONGEST_DELAY_MS = 300

/**
 * Not a bug: what a broker may do to events at its worst, between it and the subscriptions of a
 * process. Some are lost, some come twice, and some are overtaken.
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

/** A device that is not told what was decided waits ten seconds for it: few of these are lost. */
function disturb(deliver: () => void, { mayLose = 0.15 } = {}): void {
  // Calm is one delivery at once.
  const fate = isDisturbed() ? random() : 0.3
  const isLost = fate < mayLose
  if (!isLost && fate < 0.6) deliver()
  // Later, or once more later.
  if (fate > 0.4) setTimeout(deliver, random() * LONGEST_DELAY_MS)
}
