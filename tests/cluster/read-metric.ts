/** The value of a counter or gauge in Prometheus' text format; 0 if it is missing. */
export function readMetric(text: string, name: string, label = ''): number {
  const line = text
    .split('\n')
    .find(
      (one) => (one.startsWith(`${name}{`) || one.startsWith(`${name} `)) && one.includes(label),
    )
  return Number(line?.split(' ').at(-1) ?? 0)
}
