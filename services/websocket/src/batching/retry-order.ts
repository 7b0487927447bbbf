import type { NewEnvelope } from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'

/** How long a sender may take to send again what was refused for the moment. */
const HOLD_MS = 10_000

/**
 * Note: order across a refusal. An envelope that is refused for the moment comes again. What its
 * sender had sent behind it in the same conversation must not be accepted in the meantime, so it is
 * refused likewise, until the first one comes again. A sender that gave it up may go on after
 * `HOLD_MS`.
 */
export function rememberRefused(connection: Connection, envelope: NewEnvelope, now: number) {
  connection.firstRefused ??= new Map()
  if (connection.firstRefused.has(envelope.conversationId)) return
  connection.firstRefused.set(envelope.conversationId, { id: envelope.id, until: now + HOLD_MS })
}

/** Whether an envelope that has just come would overtake one that was refused before it. */
export function wouldOvertake(connection: Connection, envelope: NewEnvelope, now: number): boolean {
  const first = connection.firstRefused?.get(envelope.conversationId)
  if (!first) return false
  if (first.id !== envelope.id && first.until > now) return true
  connection.firstRefused?.delete(envelope.conversationId)
  return false
}

/** The same for one that came before the refusal and still waits. */
export function isBehindRefused(connection: Connection, envelope: NewEnvelope): boolean {
  return connection.firstRefused?.has(envelope.conversationId) ?? false
}

/** Forgets refusals whose senders have had their time. */
export function forgetRefused(connection: Connection, now: number) {
  if (!connection.firstRefused) return
  for (const [conversationId, { until }] of connection.firstRefused) {
    if (until <= now) connection.firstRefused.delete(conversationId)
  }
  if (connection.firstRefused.size === 0) connection.firstRefused = undefined
}
