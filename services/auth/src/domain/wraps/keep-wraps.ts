import { DomainError, type Tx, type WrapsWrite } from '@sotto/service-runtime'
import type { AccountId, Wrap } from '@sotto/wire'
import type { AuthContext } from '../../context.ts'
import * as accounts from '../../store/accounts.ts'
import * as keptWraps from '../../store/kept-wraps.ts'
import * as passwords from '../../store/passwords.ts'
import * as sessions from '../../store/sessions.ts'
import * as wraps from '../../store/wraps.ts'

type Change = WrapsWrite['change']

/** The wraps of the account, and the number of times that they were written. */
export async function loadWraps({ sql }: Pick<AuthContext, 'sql'>, accountId: AccountId) {
  return {
    // Before the wraps, so that the version reveals a write in between.
    version: await wraps.findVersion(sql, accountId),
    wraps: await wraps.list(sql, accountId),
  }
}

/**
 * Applies a write of the wraps that the account's owner has signed; the chat service has verified
 * it. If the same content is already stored under this version, the write is a retry of a lost
 * answer. Throws `stale_version`, and `unauthenticated` if the session has ended.
 */
export async function keepWraps(
  { sql, channels, now }: Pick<AuthContext, 'sql' | 'channels' | 'now'>,
  { actor, version, change }: WrapsWrite,
): Promise<void> {
  const { accountId } = actor
  await sql.begin(async (tx) => {
    await accounts.lock(tx, accountId)
    const [isLive] = await sessions.areLive(tx, [actor])
    if (!isLive) throw new DomainError('unauthenticated')
    const currentVersion = await wraps.findVersion(tx, accountId)
    if (version === currentVersion && (await isThere(tx, accountId, change))) return
    if (version !== currentVersion + 1) throw new DomainError('stale_version', { currentVersion })
    if ('removePassword' in change) await refuseLockOut(tx, channels, accountId)
    await keptWraps.keep(tx, accountId, new Date(now()))
    await carryOut(tx, accountId, change)
    await wraps.setVersion(tx, accountId, version)
  })
}

async function isThere(tx: Tx, accountId: AccountId, change: Change): Promise<boolean> {
  const stored = await wraps.list(tx, accountId)
  const has = (wrap: Wrap) =>
    stored.some(({ kind, ciphertext }) => kind === wrap.kind && ciphertext === wrap.ciphertext)
  if ('put' in change) return has(change.put)
  if ('removePassword' in change) return !(await passwords.exists(tx, accountId))
  return stored.length === change.replaceAll.length && change.replaceAll.every(has)
}

async function carryOut(tx: Tx, accountId: AccountId, change: Change): Promise<void> {
  if ('put' in change) return wraps.put(tx, accountId, change.put)
  if ('removePassword' in change) {
    await passwords.remove(tx, accountId)
    return wraps.remove(tx, accountId, 'password')
  }
  await wraps.removeAll(tx, accountId)
  for (const wrap of change.replaceAll) await wraps.put(tx, accountId, wrap)
}

/** Without a password, a code must be able to reach the address. */
async function refuseLockOut(tx: Tx, channels: AuthContext['channels'], accountId: AccountId) {
  const { phone, email } = await accounts.load(tx, accountId)
  const isReached =
    (phone !== null && channels.includes('phone')) || (email !== null && channels.includes('email'))
  if (!isReached) throw new DomainError('channel_closed')
}
