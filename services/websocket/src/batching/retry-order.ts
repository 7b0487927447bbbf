import type { NewEnvelope } from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'

/** How long a sender may take to resend an envelope that was temporarily refused. */
const HOLD_MS = 10_000

/**
 * Note: order across a refusal. A sender resends an envelope that was temporarily refused.
 * Envelopes that it had sent after it in the same conversation must not be accepted in the
 * meantime, so they are refused too until the first one is resent. A sender that dropped it may
 * continue after `HOLD_MS`.
 */
export function rememberRefused(connection: Connection, envelope: NewEnvelope, now: number) {
  connection.firstRefused ??= new Map()
  if (connection.firstRefused.has(envelope.conversationId)) return
  connection.firstRefused.set(envelope.conversationId, { id: envelope.id, until: now + HOLD_MS })
}

/** Whether a newly arrived envelope would overtake an earlier one that was refused. */
export function wouldOvertake(connection: Connection, envelope: NewEnvelope, now: number): boolean {
  const first = connection.firstRefused?.get(envelope.conversationId)
  if (!first) return false
  if (first.id !== envelope.id && first.until > now) return true
  connection.firstRefused?.delete(envelope.conversationId)
  return false
}

/** The same for an envelope that arrived before the refusal and is still waiting. */
export function isBehindRefused(connection: Connection, envelope: NewEnvelope): boolean {
  return connection.firstRefused?.has(envelope.conversationId) ?? false
}

/** Forgets refusals whose time is over. */
export function forgetRefused(connection: Connection, now: number) {
  if (!connection.firstRefused) return
  for (const [conversationId, { until }] of connection.firstRefused) {
    if (until <= now) connection.firstRefused.delete(conversationId)
  }
  if (connection.firstRefused.size === 0) connection.firstRefused = undefined
}
