import { DomainError, type EventOutbox, type Tx } from '@sotto/service-runtime'
import type { Actor, SessionId } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import * as sessions from '../../store/sessions.ts'

/** Notifies all services through the event outbox that these sessions have ended. */
export async function announceEnded(
  tx: Tx,
  outbox: EventOutbox,
  ended: readonly sessions.EndedSession[],
) {
  await outbox.add(
    tx,
    ended.map(({ sessionId, accountId }) => ({ type: 'session.ended', sessionId, accountId })),
  )
}

/** Ends one session of an account: the actor's own or another. */
export async function endSession(context: AuthContext, actor: Actor, sessionId: SessionId) {
  const { sql, outbox, now } = context
  await sql.begin(async (tx) => {
    const ended = await sessions.end(tx, actor.accountId, sessionId, new Date(now()))
    if (ended.length === 0) throw new DomainError('session_not_found')
    await announceEnded(tx, outbox, ended)
  })
  outbox.kick()
}
