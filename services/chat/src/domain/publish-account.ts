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

/** Publishes a name, a picture and keys; the very same statement again is no change. */
export async function publishAccount(
  { sql, outbox, now }: ChatContext,
  { accountId }: Actor,
  body: { record: string; picture: string | null },
): Promise<void> {
  const record = parseStatement('record', body.record, AccountRecord)
  if (record.account !== accountId) throw new DomainError('forbidden')
  const picture = parsePicture(body.picture, record.pictureSha256)
  const { version, name } = record

  await sql.begin(async (tx) => {
    await accounts.lock(tx, [accountId])
    const current = await accounts.findRecord(tx, accountId)
    if (current?.record === body.record) return
    const currentVersion = current?.version ?? 0
    if (version !== currentVersion + 1) throw new DomainError('stale_version', { currentVersion })

    const searchName = searchNameOf(name)
    const publication = { accountId, record: body.record, version, name, searchName, picture }
    await accounts.publish(tx, publication, now())
    if (current) await pastRecords.keep(tx, accountId, current)
    await pastRecords.removeBefore(tx, accountId, version - MAX_PAST_RECORDS)
    await outbox.add(tx, [await accountChanged(tx, accountId)])
  })
  outbox.kick()
}

/** Tells the own devices, and everybody whom the account shares an open conversation with. */
export async function accountChanged(tx: Tx, accountId: AccountId): Promise<AccountEvent> {
  const contacts = await participants.listContacts(tx, accountId)
  return { type: 'account.changed', recipients: [accountId, ...contacts], accountId }
}
