import { CloseCode } from '@sotto/wire'

const FIRST_WAIT_MS = 500
/** A killed server is back in a second; doubling the wait each time would overshoot that. */
const GROWTH = 1.5
const LONGEST_WAIT_MS = 15_000
const RATE_LIMITED_WAIT_MS = 10_000

/** Whether it makes sense to reconnect after a connection ended with `code`. */
export function mayReconnect(code: number): boolean {
  return code !== CloseCode.sessionEnded
}

/**
 * How long to wait before attempt `attempt`, counted from 0. Half of it is random, so that the devices of a restarted
 * server don't all return at the same moment.
 */
export function reconnectDelayMs(attempt: number, code: number, random: () => number): number {
  const floor = code === CloseCode.rateLimited ? RATE_LIMITED_WAIT_MS : FIRST_WAIT_MS
  const wait = Math.min(floor * GROWTH ** Math.min(attempt, 10), LONGEST_WAIT_MS)
  return wait / 2 + (wait / 2) * random()
}
