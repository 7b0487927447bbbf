import { CloseCode } from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'
import type { Sending } from './lanes.ts'

/** With refusals in more conversations than this, a connection has to start over. */
const MAX_REFUSED = 1_024

/** An envelope and its place among all that arrived on its connection. */
export type Placed = Pick<Sending, 'connection' | 'envelope' | 'place'>

/**
 * Note: order across a refusal. A sender resends an envelope that was temporarily refused. Envelopes that it had sent
 * after it in the same conversation must not be accepted in the meantime, so they are refused too until the first one
 * is resent. A sender that drops the first one opens another connection. There is no time limit: on a busy machine a
 * frame may be read long after it was sent.
 */
export function rememberRefused({ connection, envelope, place }: Placed) {
  const { conversationId, id } = envelope
  connection.firstRefused ??= new Map()
  const known = connection.firstRefused.get(conversationId)
  // One that was refused on arrival may be known before an earlier one is decided.
  if (known && known.place < place) return
  connection.firstRefused.set(conversationId, { id, place })
  if (connection.firstRefused.size > MAX_REFUSED) connection.close(CloseCode.rateLimited)
}

/** Whether a newly arrived envelope would overtake an earlier one that was refused. */
export function wouldOvertake({ connection, envelope: { conversationId, id } }: Placed): boolean {
  const first = connection.firstRefused?.get(conversationId)
  if (!first) return false
  if (first.id !== id) return true
  connection.firstRefused?.delete(conversationId)
  return false
}

/** The same for an envelope that arrived before the refusal and is still waiting. */
export function isBehindRefused({ connection, envelope, place }: Placed): boolean {
  const first = connection.firstRefused?.get(envelope.conversationId)
  return first !== undefined && first.place < place
}

/** The next place among the envelopes of a connection. */
export function nextPlace(connection: Connection): number {
  connection.envelopes += 1
  return connection.envelopes
}
