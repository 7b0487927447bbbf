import { AUTHENTICATE_WITHIN_SECONDS, HEARTBEAT_SECONDS } from '@sotto/wire'
import type { Rate } from './rate.ts'

/** All settings. Times are in milliseconds, so that tests can be quick. */
export interface WebsocketConfig {
  /** Origins whose pages may connect, as browsers write them: `https://chat.example`. */
  readonly allowedOrigins: readonly string[]
  /** Whether clients without an Origin header (terminals and bots, not browsers) may connect. */
  readonly allowMissingOrigin: boolean

  readonly authenticateWithinMs: number
  /** How long a connection may stay open after its token expired, to send a fresh one. */
  readonly expiryGraceMs: number
  /** How long a peer may be silent before the service pings it. */
  readonly pingAfterMs: number
  /** How long a peer may be silent before it counts as disconnected. */
  readonly silentAfterMs: number
  /** How often deadlines are checked; they may be late by this much. */
  readonly sweepEveryMs: number
  /** How long the peer may take to answer a close. */
  readonly closeWithinMs: number
  /** How long envelopes may stay undecided before their sender is told to retry. */
  readonly decideWithinMs: number
  /** How long a shutdown waits for verdicts in flight. */
  readonly drainWithinMs: number
  /** The period over which connections are closed if events may have been lost. */
  readonly spreadRestartMs: number
  /** How long a shard stays subscribed after its last account left. */
  readonly keepShardMs: number
  /** The minimum interval between two typing announcements of an account in a conversation. */
  readonly typingEveryMs: number

  readonly maxConnections: number
  readonly maxConnectionsPerAddress: number
  readonly maxConnectionsPerAccount: number
  /** The maximum number of unauthenticated connections. */
  readonly maxUnauthenticated: number
  readonly maxUnauthenticatedPerAddress: number
  /** Bytes that may be buffered for a peer that reads slowly. */
  readonly maxBufferedBytes: number
  readonly maxBatchesInFlight: number
  /** Envelopes that may wait for a batch before the service stops reading from their senders. */
  readonly maxWaitingEnvelopes: number
  /** The same, in characters of ciphertext. */
  readonly maxWaitingChars: number

  /** Handshakes per address. */
  readonly handshakeRate: Rate
  /** Envelopes, marks and other frames per connection and per account. */
  readonly connectionRate: Rate
  readonly accountRate: Rate
  /** Malformed frames per connection. */
  readonly malformedRate: Rate
  /** Frames beyond the limits that are answered before the connection is closed. */
  readonly excessRate: Rate
}

const defaults: Omit<WebsocketConfig, 'allowedOrigins'> = {
  allowMissingOrigin: true,
  authenticateWithinMs: AUTHENTICATE_WITHIN_SECONDS * 1000,
  expiryGraceMs: 10_000,
  pingAfterMs: HEARTBEAT_SECONDS * 500,
  silentAfterMs: HEARTBEAT_SECONDS * 1000,
  sweepEveryMs: 1_000,
  closeWithinMs: 5_000,
  decideWithinMs: 10_000,
  drainWithinMs: 5_000,
  spreadRestartMs: 5_000,
  keepShardMs: 30_000,
  typingEveryMs: 2_000,
  maxConnections: 50_000,
  maxConnectionsPerAddress: 5_000,
  maxConnectionsPerAccount: 64,
  maxUnauthenticated: 4_000,
  maxUnauthenticatedPerAddress: 1_000,
  maxBufferedBytes: 2 * 1024 * 1024,
  maxBatchesInFlight: 4,
  maxWaitingEnvelopes: 4_096,
  maxWaitingChars: 16 * 1024 * 1024,
  handshakeRate: { perSecond: 200, burst: 2_000 },
  connectionRate: { perSecond: 200, burst: 1_000 },
  accountRate: { perSecond: 400, burst: 2_000 },
  malformedRate: { perSecond: 0.2, burst: 10 },
  excessRate: { perSecond: 1, burst: 10 },
}

/** The rates of handshakes and frames, multiplied by `factor`, for load tests. */
export function ratesTimes(factor: number) {
  const { handshakeRate, connectionRate, accountRate } = defaults
  const wider = ({ perSecond, burst }: Rate): Rate => ({
    perSecond: perSecond * factor,
    burst: burst * factor,
  })
  return {
    handshakeRate: wider(handshakeRate),
    connectionRate: wider(connectionRate),
    accountRate: wider(accountRate),
  }
}

/** The settings that a caller must or may provide. */
export type WebsocketSettings = Pick<WebsocketConfig, 'allowedOrigins'> & Partial<WebsocketConfig>

export function withDefaults(settings: WebsocketSettings): WebsocketConfig {
  return { ...defaults, ...settings }
}
