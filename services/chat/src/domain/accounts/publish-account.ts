import { DomainError, type Tx } from '@sotto/service-runtime'
import {
  type AccountId,
  AccountRecord,
  type Actor,
  comparedName,
  isStorableName,
  MAX_RECORD_STEP,
} from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as accounts from '../../store/accounts/accounts.ts'
import * as newKeys from '../../store/accounts/new-keys.ts'
import * as pastRecords from '../../store/accounts/past-records.ts'
import * as participants from '../../store/conversations/participants.ts'
import * as accountUsage from '../../store/usage/account-usage.ts'
import { accountChanged } from '../devices/account-changed.ts'
import { admitDevice, type PublishedClaims, readClaims } from '../devices/admit-device.ts'
import { revokeDevices } from '../devices/revoke-devices.ts'
import { transact } from '../eras/transact.ts'
import { parseStatement } from '../statements/statements.ts'
import { hasRealKeys, verifyStatement } from '../statements/verify-statement.ts'
import { ensureFollows } from '../statements/versions.ts'
import { admitNewKeys, askForNewKeys } from './admit-new-keys.ts'
import { parsePicture } from './picture.ts'
import { isRenewal, keptSuccessions, parseSuccessions } from './successions.ts'

/**
 * Publishes name, picture, keys and revoked devices. Publishing the same statement again changes
 * nothing.
 */
export async function publishAccount(
  context: ChatContext,
  actor: Actor,
  body: {
    record: string
    picture: string | null
    after?: number | undefined
    successions?: readonly string[] | undefined
  },
): Promise<void> {
  const { accountId } = actor
  const claims = parseRecord(actor, body.record)
  const successions = parseSuccessions(actor, claims.identityKey, body.successions ?? [])
  const picture = parsePicture(body.picture, claims.pictureSha256)
  const { version, name } = claims
  const written = await countWrite(context, accountId, { record: body.record, claims })
  if (written === 'known') return
  const { given } = written
  const isRenewed = given !== undefined && (await isRenewal(context.sql, actor, given, successions))
  if (given && !isRenewed) await askForNewKeys(context, accountId, claims.identityKey)

  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    const current = await accounts.findRecord(tx, accountId)
    // Before any other check: a device that revoked itself may not have received the answer.
    if (current?.record === body.record) return
    ensureFitName(name)
    const before = await admitDevice(tx, actor)
    const currentVersion = current?.version ?? 0
    const hasNewKeys = before !== undefined && before.identityKey !== claims.identityKey
    if (hasNewKeys && isRenewed) {
      // Another device may have published other keys since, which haven't signed these.
      const isStill = await isRenewal(tx, actor, before, successions)
      if (!isStill) throw new DomainError('stale_version', { currentVersion })
    } else if (hasNewKeys) await admitNewKeys(tx, context, accountId, claims.identityKey)
    ensureFollows(version, { currentVersion, after: body.after, maxStep: MAX_RECORD_STEP })
    await ensureSucceeds(tx, accountId, claims, before)

    const searchName = comparedName(name)
    const kept = keptSuccessions(successions, current?.successions ?? [], hasNewKeys)
    const publication = { accountId, record: body.record, version, name, searchName, picture }
    await accounts.publish(tx, { ...publication, successions: kept }, context.now())
    if (!current) await accountUsage.begin(tx, [accountId], context.now())
    await participants.showAnew(tx, accountId)
    if (current && before && !hasSameKeys(before, claims)) {
      await pastRecords.keep(tx, accountId, current, context.now())
      await pastRecords.keepNewest(tx, accountId, context.quotas.pastRecords)
    }
    // Everything that was requested before was requested under the previous keys.
    if (hasNewKeys) await newKeys.removeAll(tx, accountId)
    const jobs = await revokeDevices(tx, actor, { before, after: claims }, context.now())
    await record([await accountChanged(tx, accountId), ...jobs])
  })
}

/**
 * Counts a write that every contact has to read. Publishing the stored record again does not count,
 * nor does a record that waits. Only a caller with the published identity key can use up the
 * owner's writes. `given` contains the claims under the identity key that is being replaced, if it
 * changes.
 */
async function countWrite(
  { sql, limits }: ChatContext,
  accountId: AccountId,
  { record, claims }: { record: string; claims: AccountRecord },
): Promise<'known' | { given: PublishedClaims | undefined }> {
  const current = await accounts.findRecord(sql, accountId)
  if (current?.record === record) return 'known'
  const before = current && readClaims(current.record)
  const hasNewKeys = before !== undefined && before.identityKey !== claims.identityKey
  if (hasNewKeys) {
    const asked = await newKeys.find(sql, accountId, claims.identityKey)
    if (!asked) await limits.consume('new_keys', accountId)
  } else {
    await limits.consume('records_hourly', accountId)
    await limits.consume('records', accountId)
  }
  const isNewPicture =
    claims.pictureSha256 !== null && claims.pictureSha256 !== before?.pictureSha256
  if (isNewPicture && !hasNewKeys) await limits.consume('pictures', accountId)
  return { given: hasNewKeys ? before : undefined }
}

/** Parses the claims of a record that may be published. */
function parseRecord({ accountId }: Actor, record: string): AccountRecord {
  const claims = parseStatement('record', record, AccountRecord)
  if (claims.account !== accountId) throw new DomainError('forbidden')
  const revoked = new Set(claims.revoked.map(({ device }) => device))
  const isSound = hasRealKeys(claims) && revoked.size === claims.revoked.length
  if (!isSound) throw new DomainError('invalid_request', { field: 'body/record' })
  verifyStatement(record, claims.identityKey)
  return claims
}

/**
 * An existing record may predate the rules for names and can still be read. A new one must follow
 * them.
 */
function ensureFitName(name: string): void {
  if (!isStorableName(name)) {
    throw new DomainError('invalid_request', { field: 'body/record' })
  }
}

/**
 * Under the same identity key, a record never drops a revocation: otherwise, a device that has not
 * seen the latest record would readmit a stolen one. A replaced identity key never returns.
 */
async function ensureSucceeds(
  tx: Tx,
  accountId: AccountId,
  claims: AccountRecord,
  before: PublishedClaims | undefined,
) {
  if (!before) return
  if (before.identityKey !== claims.identityKey) {
    const past = await pastRecords.list(tx, [accountId])
    const isFormer = past.some(
      ({ record }) => readClaims(record).identityKey === claims.identityKey,
    )
    if (isFormer) throw new DomainError('bad_signature')
    return
  }
  const revoked = new Set(claims.revoked.map(({ device }) => device))
  const isComplete = before.revoked.every(({ device }) => revoked.has(device))
  if (!isComplete) throw new DomainError('invalid_request', { field: 'body/record' })
}

/** Whether a past record would open nothing that the new one does not. */
function hasSameKeys(one: PublishedClaims, other: PublishedClaims): boolean {
  return (
    one.identityKey === other.identityKey &&
    one.ecdhKey === other.ecdhKey &&
    one.rsaKey === other.rsaKey
  )
}
