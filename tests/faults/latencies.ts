import type { Ledger } from './ledger.ts'

/**
 * Milliseconds between writing and acceptance of what was written in a stretch of time on the monotonic
 * clock. What is not accepted yet counts as infinite.
 */
export function latenciesOf({ lines }: Ledger, from: number, to: number): number[] {
  return [...lines.values()].flatMap(({ sentAt, accepted }) =>
    sentAt.flatMap((at, counter) => {
      if (at < from || at >= to) return []
      return [(accepted.get(counter)?.at ?? Number.POSITIVE_INFINITY) - at]
    }),
  )
}
