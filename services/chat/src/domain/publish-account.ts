import { DomainError, type Tx } from '@sotto/service-runtime'
import {
  type AccountEvent,
  type AccountId,
  AccountRecord,
  type Actor,
  MAX_PAST_RECORDS,
} from '@sotto/wire'
import type { ChatContext } from '../context.ts'
import * as accounts from '../store/accounts.ts'
import * as participants from '../store/participants.ts'
import * as pastRecords from '../store/past-records.ts'
import { searchNameOf } from './find-accounts.ts'
import { parsePicture } from './picture.ts'
import { parseStatement } from './statements.ts'
import { transact } from './transact.ts'

/** Publishes a name, a picture and keys; the very same statement again is no change. */
export async function publishAccount(
  context: ChatContext,
  { accountId }: Actor,
  body: { record: string; picture: string | null },
): Promise<void> {
  const claims = parseStatement('record', body.record, AccountRecord)
  if (claims.account !== accountId) throw new DomainError('forbidden')
  const picture = parsePicture(body.picture, claims.pictureSha256)
  const { version, name } = claims

  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    const current = await accounts.findRecord(tx, accountId)
    if (current?.record === body.record) return
    const currentVersion = current?.version ?? 0
    // Versions are skipped only where the database was wound back and a device knows more than it.
    if (version <= currentVersion) throw new DomainError('stale_version', { currentVersion })

    const searchName = searchNameOf(name)
    const publication = { accountId, record: body.record, version, name, searchName, picture }
    await accounts.publish(tx, publication, context.now())
    if (current) await pastRecords.keep(tx, accountId, current)
    await pastRecords.removeBefore(tx, accountId, version - MAX_PAST_RECORDS)
    await record([await accountChanged(tx, accountId)])
  })
}

/** Tells the own devices, and everybody whom the account shares an open conversation with. */
export async function accountChanged(tx: Tx, accountId: AccountId): Promise<AccountEvent> {
  const contacts = await participants.listContacts(tx, accountId)
  return { type: 'account.changed', recipients: [accountId, ...contacts], accountId }
}
