import type { Metrics } from '../metrics/metrics.ts'
import type { Broker, QueueDepths } from './broker.ts'

const KEEP_MS = 1_000

/** Measures the broker's queues. All instances share them, so each reports the same numbers. */
export function measureBroker(broker: Broker, metrics: Metrics) {
  let kept: { readonly depths: Promise<QueueDepths>; readonly until: number } | undefined
  const read = () => {
    if (!kept || kept.until <= Date.now()) {
      kept = { depths: broker.readQueues(), until: Date.now() + KEEP_MS }
    }
    return kept.depths
  }

  const what = {
    name: 'sotto_queue_messages',
    help: "Messages waiting in the broker's queues",
  }
  metrics.gauge(what, async () => (await read()).commands, { queue: 'commands' })
  metrics.gauge(what, async () => (await read()).jobs, { queue: 'jobs' })
  metrics.gauge(what, async () => (await read()).deadLetters, { queue: 'dead_letters' })
  metrics.gauge({ name: 'sotto_broker_up', help: 'Whether messages are expected to pass' }, () =>
    Number(broker.isHealthy()),
  )
}
