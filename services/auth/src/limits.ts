import type { RateLimit } from '@sotto/service-runtime'

const TEN_MINUTES = 600
const HOUR = 3_600
const DAY = 86_400

/**
 * The rate limits. `ByNetwork` counts an IPv4 address or an IPv6 /64, `ByAddress` a phone number or
 * an email address. The narrow limits by address and wide network (an IPv4 /24 or an IPv6 /48)
 * apply first, so that someone elsewhere cannot exhaust what the owner needs. Devices and networks
 * from which the owner has logged in before have separate limits, so that even all others together
 * cannot.
 *
 * Attempts count against the requested code, five for each, and not against the person. With twenty
 * codes of six digits, an attacker who guesses from everywhere at once has a chance of 1 in 10,000
 * per day, and the same again inside the owner's own networks.
 */
export const authLimits = {
  startByNetwork: { points: 60, seconds: TEN_MINUTES },
  startByAddressAndNetwork: { points: 6, seconds: TEN_MINUTES },
  startByAddressAndNetworkDaily: { points: 10, seconds: DAY },
  startByAddress: { points: 12, seconds: TEN_MINUTES },
  startByAddressDaily: { points: 20, seconds: DAY },
  startByKnownDevice: { points: 6, seconds: TEN_MINUTES },
  startByKnownDeviceDaily: { points: 15, seconds: DAY },
  startByKnownDevicesDaily: { points: 45, seconds: DAY },
  startByKnownNetwork: { points: 6, seconds: TEN_MINUTES },
  startByKnownNetworkDaily: { points: 10, seconds: DAY },
  startByKnownNetworksDaily: { points: 20, seconds: DAY },
  proveByNetwork: { points: 200, seconds: TEN_MINUTES },
  registerByNetwork: { points: 120, seconds: TEN_MINUTES },
  passwordByNetwork: { points: 200, seconds: TEN_MINUTES },
  passwordByAddressAndNetwork: { points: 15, seconds: TEN_MINUTES },
  passwordByAddress: { points: 100, seconds: TEN_MINUTES },
  passwordByKnownDevice: { points: 15, seconds: TEN_MINUTES },
  passwordByKnownNetwork: { points: 15, seconds: TEN_MINUTES },
  refreshByNetwork: { points: 3_000, seconds: TEN_MINUTES },
  smsHourly: { points: 200, seconds: HOUR },
  smsDaily: { points: 1_000, seconds: DAY },
  smsToKnownHourly: { points: 200, seconds: HOUR },
  smsToKnownDaily: { points: 1_000, seconds: DAY },
  inviteByAccountDaily: { points: 30, seconds: DAY },
  lookUpByYoungAccount: { points: 10, seconds: TEN_MINUTES },
  lookUpByYoungAccountDaily: { points: 20, seconds: DAY },
  lookUpByAccount: { points: 60, seconds: TEN_MINUTES },
  lookUpByAccountDaily: { points: 500, seconds: DAY },
  lookUpByNetwork: { points: 100, seconds: TEN_MINUTES },
  lookUpByNetworkDaily: { points: 1_000, seconds: DAY },
  lookUpDaily: { points: 20_000, seconds: DAY },
} as const satisfies Record<string, RateLimit>

export type AuthLimit = keyof typeof authLimits

/** The limits that the operator sets, because they cost money or reveal who has an account. */
export interface Budgets {
  /**
   * How many SMS are sent per hour and per day to people who have not logged in before, and the
   * same number again to people who have.
   */
  readonly smsPerHour?: number | undefined
  readonly smsPerDay?: number | undefined
  /** How many look-ups are allowed per day, for all accounts together. */
  readonly lookUpsPerDay?: number | undefined
}

/** All limits with the operator's settings, multiplied by `factor`, for load tests. */
export function limitsTimes(
  factor: number,
  { smsPerHour, smsPerDay, lookUpsPerDay }: Budgets = {},
): Record<AuthLimit, RateLimit> {
  const decided: Partial<Record<AuthLimit, number | undefined>> = {
    smsHourly: smsPerHour,
    smsDaily: smsPerDay,
    smsToKnownHourly: smsPerHour,
    smsToKnownDaily: smsPerDay,
    lookUpDaily: lookUpsPerDay,
  }
  const entries = Object.entries(authLimits).map(([name, { points, seconds }]) => [
    name,
    { points: Math.ceil((decided[name as AuthLimit] ?? points) * factor), seconds },
  ])
  return Object.fromEntries(entries) as Record<AuthLimit, RateLimit>
}
