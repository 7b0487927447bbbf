import type { RateLimit } from '@sotto/service-runtime'

const HOUR = 60 * 60
const DAY = 24 * HOUR

/**
 * Rate limits for writes that others have to read, or that use storage. Records under the published
 * identity key are counted separately from those with new keys, so that an attacker who only has a
 * log-in cannot use up what the owner needs to revoke a device.
 */
export const chatLimits = {
  contact_requests: { points: 50, seconds: DAY },
  conversations_hourly: { points: 60, seconds: HOUR },
  conversations: { points: 100, seconds: DAY },
  records_hourly: { points: 30, seconds: HOUR },
  records: { points: 100, seconds: DAY },
  new_keys: { points: 10, seconds: DAY },
  pictures: { points: 20, seconds: DAY },
  credentials: { points: 20, seconds: HOUR },
  boxes: { points: 240, seconds: HOUR },
  /** By network. It is the only limit that is not per account. */
  proofsByNetwork: { points: 3000, seconds: 600 },
} as const satisfies Record<string, RateLimit>

export type ChatLimit = keyof typeof chatLimits

/** All limits multiplied by `factor`, for load tests. */
export function chatLimitsTimes(factor: number): Record<ChatLimit, RateLimit> {
  const entries = Object.entries(chatLimits).map(([name, { points, seconds }]) => [
    name,
    { points: Math.ceil(points * factor), seconds },
  ])
  return Object.fromEntries(entries) as Record<ChatLimit, RateLimit>
}
