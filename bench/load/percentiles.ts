/** The value below which the share `q` of all values lies; 0 if there are none. */
export function percentile(values: readonly number[], q: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0
}

/** p50 and p99 in milliseconds, to the hundredth. */
export function latencies(values: readonly number[]): { p50Ms: number; p99Ms: number } {
  return { p50Ms: rounded(percentile(values, 0.5), 2), p99Ms: rounded(percentile(values, 0.99), 2) }
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
