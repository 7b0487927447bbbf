import type { MetricDescription } from './metric-description.ts'

/** Counts values by size. Observing allocates nothing, so that it may happen for every envelope. */
export interface Distribution {
  /** Takes a value, or the same one several times. */
  observe(value: number, times?: number): void
  /** In the text format of Prometheus. */
  text(): string
}

export function createDistribution(
  { name, help }: MetricDescription,
  buckets: readonly number[],
): Distribution {
  // The last one is for what is above all buckets.
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
