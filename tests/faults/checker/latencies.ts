import type { Ledger } from './ledger.ts'

/**
 * Milliseconds from writing to acceptance, for messages written during a period on the monotonic clock. A message that
 * isn't accepted yet counts as infinite.
 */
export function latenciesOf({ lines }: Ledger, from: number, to: number): number[] {
  return [...lines.values()].flatMap(({ sentAt, accepted }) =>
    sentAt.flatMap((at, counter) => {
      if (at < from || at >= to) return []
      return [(accepted.get(counter)?.at ?? Number.POSITIVE_INFINITY) - at]
    }),
  )
}
