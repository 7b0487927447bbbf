import type { MetricDescription } from './metric-description.ts'

/** A histogram. Observing allocates nothing, so it is cheap enough for every envelope. */
export interface Distribution {
  /** Counts a value, once or several times. */
  observe(value: number, times?: number): void
  /** In the text format of Prometheus. */
  text(): string
}

export function createDistribution(
  { name, help }: MetricDescription,
  buckets: readonly number[],
): Distribution {
  // The last count is for values above all buckets.
  const counts = new Float64Array(buckets.length + 1)
  let sum = 0

  return {
    observe(value, times = 1) {
      let at = 0
      while (at < buckets.length && value > (buckets[at] ?? 0)) at += 1
      counts[at] = (counts[at] ?? 0) + times
      sum += value * times
    },
    text() {
      const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} histogram`]
      let upTo = 0
      for (const [i, count] of counts.entries()) {
        upTo += count
        lines.push(`${name}_bucket{le="${buckets[i] ?? '+Inf'}"} ${upTo}`)
      }
      lines.push(`${name}_sum ${sum}`, `${name}_count ${upTo}`)
      return `\n${lines.join('\n')}\n`
    },
  }
}
