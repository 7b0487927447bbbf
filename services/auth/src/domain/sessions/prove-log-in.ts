import type { EventOutbox, Tx } from '@sotto/service-runtime'
import type { Actor } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import * as accounts from '../../store/accounts.ts'
import * as sessions from '../../store/sessions.ts'
import { announceEnded } from '../ended-sessions/end-sessions.ts'

/**
 * Records that the device of a log-in has proven itself. Returns false if there is no such session.
 */
export async function proveLogIn(context: AuthContext, actor: Actor): Promise<boolean> {
  const { sql, outbox, now } = context
  const isProven = await sql.begin(async (tx) => {
    await accounts.lock(tx, actor.accountId)
    const [isLive] = await sessions.areLive(tx, [actor])
    return isLive ? proveInTurn(tx, outbox, actor, new Date(now())) : false
  })
  outbox.kick()
  return isProven
}

/**
 * The same, for a caller that holds the account's lock. It replaces the device's earlier sessions.
 */
export async function proveInTurn(
  tx: Tx,
  outbox: EventOutbox,
  actor: Actor,
  now: Date,
): Promise<boolean> {
  await announceEnded(tx, outbox, await sessions.endOthersOfDevice(tx, actor, now))
  return sessions.prove(tx, actor, now)
}
