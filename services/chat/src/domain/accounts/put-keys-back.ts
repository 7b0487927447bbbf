import { DomainError } from '@sotto/service-runtime'
import type { AccountId } from '@sotto/wire'
import { type Day, isKeptDay, type KeptKeys, type KeptKind } from '@sotto/wire/operator'
import type { ChatContext } from '../../context.ts'
import * as accounts from '../../store/accounts/accounts.ts'
import * as boxes from '../../store/accounts/boxes.ts'
import * as keptKeys from '../../store/accounts/kept-keys.ts'
import * as manifests from '../../store/accounts/manifests.ts'
import * as pastRecords from '../../store/accounts/past-records.ts'
import { readClaims } from '../devices/admit-device.ts'
import { transact } from '../eras/transact.ts'
import { verifyStatement } from '../statements/verify-statement.ts'

/**
 * What the operator may know about the kept boxes and manifests of an account. Throws
 * `account_not_found`.
 */
export async function showKeptKeys(
  { sql }: Pick<ChatContext, 'sql'>,
  accountId: AccountId,
): Promise<KeptKeys> {
  if (!(await accounts.findRecord(sql, accountId))) throw new DomainError('account_not_found')
  const [kept, keys, contacts, manifest, keysChangedAt] = await Promise.all([
    keptKeys.list(sql, accountId),
    boxes.find(sql, accountId, 'keys'),
    boxes.find(sql, accountId, 'contacts'),
    manifests.find(sql, accountId),
    pastRecords.findLatestChange(sql, accountId),
  ])
  const current = {
    keys: keys?.version ?? null,
    contacts: contacts?.version ?? null,
    manifest: manifest?.version ?? null,
  }
  return { kept, current, keysChangedAt }
}

/**
 * Restores boxes and manifest to their state at the start of a day, with their versions of then,
 * because each has its version sealed inside. The replaced ones are kept as usual. Throws
 * `bad_signature` if the account has since published other keys, which do not match these boxes,
 * and `invalid_request` for a day that is not completely known.
 */
export async function putKeysBack(
  context: Pick<ChatContext, 'sql' | 'outbox' | 'eras' | 'now'>,
  accountId: AccountId,
  day: Day,
): Promise<KeptKeys['current']> {
  const now = context.now()
  if (!isKeptDay(day, now)) throw unknownDay()
  return transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    const published = await accounts.findRecord(tx, accountId)
    if (!published) throw new DomainError('account_not_found')
    if ((await pastRecords.findLatestChange(tx, accountId)) >= Date.parse(day)) {
      throw new DomainError('bad_signature')
    }
    const beginning = await keptKeys.findBeginning(tx, accountId, day)
    const of = (kind: KeptKind) => beginning.find((one) => one.kind === kind)
    const manifest = of('manifest') ?? (await currentManifest(tx, accountId))
    verifyStatement(manifest.content, readClaims(published.record).identityKey)
    const put = { manifest: manifest.version, keys: 0, contacts: 0 }
    for (const name of ['keys', 'contacts'] as const) {
      const current = await boxes.find(tx, accountId, name)
      if (!current) throw unknownDay()
      const kept = of(name)
      put[name] = kept?.version ?? current.version
      if (!kept) continue
      await keptKeys.keepBox(tx, accountId, name, now)
      await boxes.putBack(tx, accountId, name, { version: kept.version, ciphertext: kept.content })
    }
    await keptKeys.keepManifest(tx, accountId, now)
    const { version, content } = manifest
    await manifests.put(tx, accountId, { version, manifest: content })
    await record([])
    return put
  })
}

async function currentManifest(tx: Parameters<typeof manifests.find>[0], accountId: AccountId) {
  const current = await manifests.find(tx, accountId)
  if (!current) throw unknownDay()
  return { version: current.version, content: current.manifest }
}

const unknownDay = () => new DomainError('invalid_request', { field: 'params/day' })
