import { countRefused, type Metrics } from '@sotto/service-runtime'
import type { Verdict } from '@sotto/wire'

/** The metrics of the chat service's command processing. */
export interface Measures {
  commandStarted(): void
  commandEnded(): void
  batchDecided(verdicts: readonly Verdict[], seconds: number): void
}

export function measureChat(metrics: Metrics): Measures {
  const envelopes = { name: 'sotto_envelopes_total', help: 'Envelopes decided, by fate' }
  const accepted = metrics.counter(envelopes, { fate: 'accepted' })
  const refused = metrics.counter(envelopes, { fate: 'refused' })
  const tooFast = countRefused(metrics, 'bytes_hourly')
  const sizes = metrics.distribution(
    { name: 'sotto_batch_envelopes', help: 'Envelopes in one batch' },
    [1, 2, 5, 10, 20, 50, 100, 200, 500],
  )
  const times = metrics.distribution(
    { name: 'sotto_batch_seconds', help: 'Time to decide and store one batch' },
    [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 5],
  )
  let running = 0
  metrics.gauge({ name: 'sotto_commands_running', help: 'Commands in progress' }, () => running)

  return {
    commandStarted() {
      running += 1
    },
    commandEnded() {
      running -= 1
    },
    batchDecided(verdicts, seconds) {
      let acceptedCount = 0
      for (const verdict of verdicts) {
        if (verdict.fate === 'accepted') acceptedCount += 1
        else if (verdict.code === 'rate_limited') tooFast.add()
      }
      accepted.add(acceptedCount)
      refused.add(verdicts.length - acceptedCount)
      sizes.observe(verdicts.length)
      times.observe(seconds)
    },
  }
}
