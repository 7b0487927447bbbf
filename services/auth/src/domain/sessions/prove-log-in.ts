import type { EventOutbox, Tx } from '@sotto/service-runtime'
import type { Actor } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import * as accounts from '../../store/accounts.ts'
import * as sessions from '../../store/sessions.ts'
import { announceEnded } from '../ended-sessions/end-sessions.ts'

/** The device of a log-in has proven itself. False when there is no such session. */
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

/** The same; the caller holds the lock of the account. It takes the place of what the device had before. */
export async function proveInTurn(
  tx: Tx,
  outbox: EventOutbox,
  actor: Actor,
  now: Date,
): Promise<boolean> {
  await announceEnded(tx, outbox, await sessions.endOthersOfDevice(tx, actor, now))
  return sessions.prove(tx, actor, now)
}
