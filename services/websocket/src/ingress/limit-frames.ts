import { countRefused, type Metrics } from '@sotto/service-runtime'
import { type ClientFrame, CloseCode, type ErrorDetails, MAX_SEND_ENVELOPES } from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'
import { createRateByKey, fullAllowance, take } from '../rate.ts'
import type { WebsocketConfig } from '../settings.ts'
import type { Fault } from './parse-frame.ts'

/**
 * How much a device and its account may send. Frames beyond the limit are refused; if there are
 * many, the connection is closed.
 */
export interface FrameLimits {
  /** Whether the frame is within the limits. If not, the device has been notified. */
  admit(connection: Connection, frame: ClientFrame): boolean
  /** The same for a ping or pong of RFC 6455. */
  admitControl(connection: Connection): void
  /** Answers a malformed frame and counts it once. False if that exceeds the limit. */
  malformed(connection: Connection, faults: readonly Fault[]): boolean
  sweep(now: number): void
}

export function createFrameLimits(config: WebsocketConfig, metrics: Metrics): FrameLimits {
  const { connectionRate, malformedRate, excessRate } = config
  const accounts = createRateByKey(config.accountRate)
  const refused = countRefused(metrics, 'frames')

  /** Seconds to wait, or 0. */
  function waitFor(connection: Connection, cost: number, now: number): number {
    connection.allowance ??= fullAllowance(connectionRate, now)
    const accountId = connection.actor?.accountId
    return (
      take(connection.allowance, connectionRate, cost, now) ||
      (accountId ? accounts.take(accountId, cost, now) : 0)
    )
  }

  function isWithin(connection: Connection, cost: number, details: ErrorDetails): boolean {
    const now = performance.now()
    const retryAfterSeconds = waitFor(connection, cost, now)
    if (retryAfterSeconds === 0) return true
    refused.add()
    connection.excess ??= fullAllowance(excessRate, now)
    connection.refuse('rate_limited', { ...details, retryAfterSeconds })
    if (take(connection.excess, excessRate, 1, now) > 0) connection.close(CloseCode.rateLimited)
    return false
  }

  return {
    admit: (connection, frame) =>
      isWithin(connection, costOf(frame), { frame: connection.frames, type: frame.type }),
    admitControl: (connection) => void isWithin(connection, 1, {}),
    malformed(connection, faults) {
      const now = performance.now()
      connection.malformed ??= fullAllowance(malformedRate, now)
      for (const fault of faults) {
        connection.refuse('invalid_request', { frame: connection.frames, ...fault })
      }
      if (take(connection.malformed, malformedRate, 1, now) === 0) return true
      connection.close(CloseCode.policyViolation)
      return false
    },
    sweep: (now) => accounts.sweep(now),
  }
}

/**
 * The cost of a frame: one for each envelope and mark; the verification of a signature costs
 * several.
 */
function costOf(frame: ClientFrame): number {
  switch (frame.type) {
    case 'send':
      return frame.envelopes.length
    case 'receipts':
      return frame.receipts.length
    case 'authenticate':
      return MAX_SEND_ENVELOPES
    default:
      return 1
  }
}
