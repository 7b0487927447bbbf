import type { RateLimit } from '@sotto/service-runtime'

const TEN_MINUTES = 600
const DAY = 86_400

/**
 * How often what may be done. `ByNetwork` counts an IPv4 address or an IPv6 /64, `ByAddress` a phone
 * number or an e-mail address. Six digits: a hundred tries a day leave whoever guesses from everywhere
 * at once a chance of 1 in 10,000 a day.
 */
export const authLimits = {
  startByNetwork: { points: 60, seconds: TEN_MINUTES },
  startByAddress: { points: 6, seconds: TEN_MINUTES },
  startByAddressDaily: { points: 30, seconds: DAY },
  proveByNetwork: { points: 200, seconds: TEN_MINUTES },
  proveByAddressDaily: { points: 100, seconds: DAY },
  registerByNetwork: { points: 120, seconds: TEN_MINUTES },
  passwordByNetwork: { points: 200, seconds: TEN_MINUTES },
  // The narrow one first, so that a guesser elsewhere does not keep the owner out.
  passwordByAddressAndNetwork: { points: 15, seconds: TEN_MINUTES },
  passwordByAddress: { points: 100, seconds: TEN_MINUTES },
  refreshByNetwork: { points: 3_000, seconds: TEN_MINUTES },
  lookUpByAccount: { points: 60, seconds: TEN_MINUTES },
  lookUpByAccountDaily: { points: 500, seconds: DAY },
} as const satisfies Record<string, RateLimit>

export type AuthLimit = keyof typeof authLimits

/** All limits, `factor` times as wide: for load tests. */
export function limitsTimes(factor: number): Record<AuthLimit, RateLimit> {
  const entries = Object.entries(authLimits).map(([name, { points, seconds }]) => [
    name,
    { points: Math.ceil(points * factor), seconds },
  ])
  return Object.fromEntries(entries) as Record<AuthLimit, RateLimit>
}
