import { keysOf, publicKeysOf, signRecord } from '@sotto/crypto'
import {
  type AccountRecord,
  chatRequests,
  isStorableName,
  type Revocation,
  shownName,
} from '@sotto/wire'
import { ClientError } from '../../api/errors.ts'
import { hashOfPicture, publishablePicture } from '../../published/pictures.ts'
import { areSameKeys, isRevokedIn } from '../../published/published-keys.ts'
import { verifyAccount } from '../../published/verify-account.ts'
import { againIfStale } from '../../scheduling/retrying.ts'
import type { Own } from '../../storage/records/account.ts'
import type { VerifiedAccount } from '../../storage/verified-account.ts'
import type { AccountContext } from '../state/account-context.ts'
import { findPublished, versionAfter } from '../state/own-answers.ts'
import { syncManifest } from './manifest.ts'
import { hasKeys, keepKeys, loadKeyBox } from './own-keys.ts'

/** The changes in the next record. */
type RecordChanges = Partial<
  Pick<AccountRecord, 'name' | 'identityKey' | 'ecdhKey' | 'rsaKey' | 'revoked'>
> & { readonly picture: string | null }

/** A record that skips versions must not overtake one that another device of the account publishes at the same time. */
interface Jump {
  /** The server's record, which the new one follows in addition to ours. */
  readonly other?: AccountRecord
  /** The lowest allowed version. */
  readonly least?: number
  /** The version of the server's record if it is neither of the two; 0 for none. */
  readonly after?: number
}

/**
 * Publishes the next version of our record, and the manifest that names it. If another of our devices was faster, the
 * change is applied to its record.
 */
export async function publish(
  context: AccountContext,
  change: (own: Own) => RecordChanges,
): Promise<void> {
  await context.inTurn.record(() =>
    againIfStale(async (isAgain) => {
      if (isAgain) await adoptNewest(context)
      await publishNext(context, change)
    }),
  )
  await syncManifest(context)
}

/** More versions of one record than a restored server can have lost. */
const LOST_VERSIONS = 128

/** Decides, once per era, which version the record must be raised to. */
export async function noteRaise({ state }: AccountContext, era: string): Promise<void> {
  await state.updateOwn((own) =>
    own.raise?.era === era
      ? own
      : { ...own, raise: { era, to: own.record.version + LOST_VERSIONS } },
  )
}

/**
 * Republishes our record once per era, unless another of our devices has done so. Contacts may have seen versions that
 * the server lost along with the device that published them, and they accept nothing older.
 */
export async function raiseRecord(context: AccountContext): Promise<void> {
  await context.inTurn.record(async () => {
    const { raise, record } = context.state.me().own
    if (!raise || record.version >= raise.to) return
    await publishNext(context, ({ picture }) => ({ picture }), { least: raise.to })
  })
}

/**
 * Publishes a record that follows both ours and that of a restored server, where another of our devices has published
 * something else. Whatever either one revoked stays revoked; name and picture come from the one signed last. Nothing is
 * taken from a record under former keys.
 */
export async function joinRecord(context: AccountContext, shown: VerifiedAccount): Promise<void> {
  await context.inTurn.record(() =>
    publishNext(
      context,
      (own) => ({ ...joined(own, shown), ...publicKeysOf(context.state.me().keys) }),
      { other: shown.record },
    ),
  )
}

/**
 * Whether a server accepts our record unchanged. Under older rules it may have been published with a name or a picture
 * that is no longer allowed.
 */
export function isPublishable({ record, picture }: Own): boolean {
  return isStorableName(record.name) && publishablePicture(picture) === picture
}

/** Replaces our record when the server no longer accepts it; `shown` is the server's. */
export async function replaceRecord(
  context: AccountContext,
  shown: VerifiedAccount | undefined,
): Promise<void> {
  await context.inTurn.record(() =>
    publishNext(context, ({ picture }) => ({ picture }), { after: shown?.record.version ?? 0 }),
  )
}

function joined({ record, picture }: Own, shown: VerifiedAccount): RecordChanges {
  if (shown.record.identityKey !== record.identityKey) return { picture }
  const latest = record.issuedAt > shown.record.issuedAt ? { record, picture } : shown
  const isKnown = ({ device }: Revocation) => isRevokedIn(record, device)
  return {
    name: latest.record.name,
    picture: latest.picture,
    revoked: [...record.revoked, ...shown.record.revoked.filter((one) => !isKnown(one))],
  }
}

export type Published = Pick<VerifiedAccount, 'record'>

/** Whether one record of the same keys can follow another: it has a higher version and drops no revocation. */
export function follows(next: Published, before: Published): boolean {
  return next.record.version > before.record.version && !dropsRevocation(next.record, before.record)
}

/** A revocation with another time is the same revocation. */
function dropsRevocation(next: AccountRecord, before: AccountRecord): boolean {
  if (next.identityKey !== before.identityKey) return false
  return before.revoked.some(({ device }) => !isRevokedIn(next, device))
}

/** Publishes a record that follows ours. */
async function publishNext(
  { state, authorized, now }: AccountContext,
  change: (own: Own) => RecordChanges,
  jump?: Jump,
): Promise<void> {
  const { own, keys } = state.me()
  const { picture: wanted, ...changes } = change(own)
  const picture = publishablePicture(wanted)
  const followed = jump?.other ? [own.record, jump.other] : [own.record]
  const next = versionAfter(...followed.map(({ version }) => version))
  const record: AccountRecord = {
    ...own.record,
    ...changes,
    name: shownName(changes.name ?? own.record.name),
    version: Math.max(next, jump?.least ?? 0),
    pictureSha256: await hashOfPicture(picture),
    // Later than the records that it follows, even if our devices' clocks differ. A record that is only raised says
    // nothing new, so a change made by a device that was offline wins over it.
    issuedAt: Math.max(jump?.least ? 0 : now(), ...followed.map(({ issuedAt }) => issuedAt + 1)),
  }
  const statement = await signRecord(keys.identity, record)
  const after = jump && { after: jump.after ?? (jump.other ?? own.record).version }
  const body = { record: statement, picture, ...after, ...successionsIn(own) }
  await authorized(chatRequests.putUser, { body })
  await state.updateOwn((before) => ({ ...before, record, statement, picture }))
}

/** The succession of our identity keys, for a request that publishes a record: the server may have lost it. */
export function successionsIn({ successions }: Own): { successions?: string[] } {
  return successions ? { successions: [...successions] } : {}
}

/** Whether our keys have replaced the record's keys: the server was wound back to before that. */
export function isBeforeKeys(own: Own, { identityKey }: AccountRecord): boolean {
  return own.formerIdentityKeys?.includes(identityKey) ?? false
}

async function adoptNewest(context: AccountContext): Promise<void> {
  const published = await findPublished(context)
  const { own, accountId } = context.state.me()
  const shown = published && (await verifyAccount(published, accountId))
  if (shown?.record.identityKey !== own.record.identityKey) {
    throw new ClientError('untrusted_answer')
  }
  await adoptRecord(context, shown)
}

/**
 * Adopts what another device of this account has published. Throws `untrusted_answer` for a record that our identity
 * key didn't sign, or whose keys aren't in our key box.
 */
export async function adoptOwnRecord(
  context: AccountContext,
  shown: VerifiedAccount,
): Promise<void> {
  await context.inTurn.record(() => adoptRecord(context, shown))
}

async function adoptRecord(context: AccountContext, shown: VerifiedAccount): Promise<void> {
  const { state } = context
  const { own, keys } = state.me()
  const { record, statement, picture } = shown
  if (record.version <= own.record.version) return
  if (!follows(shown, own)) throw new ClientError('untrusted_answer')
  if (!areSameKeys(record, publicKeysOf(keys))) await adoptKeys(context, record)
  await state.updateOwn((before) => ({ ...before, record, statement, picture }))
}

/** Adopts the keys of the newest box. Returns whether it was new to this device. */
export async function adoptNewestKeys(context: AccountContext): Promise<boolean> {
  const { record, boxVersions } = context.state.me().own
  await adoptKeys(context, record)
  return context.state.me().own.boxVersions.keys > boxVersions.keys
}

/** Adopts the keys in the newest box, which must be those of the record. */
async function adoptKeys(context: AccountContext, record: AccountRecord): Promise<void> {
  await context.inTurn.keyBox(async () => {
    const { keyBox, version } = await loadKeyBox(context)
    const keys = await keysOf(keyBox)
    if (!hasKeys(record, keys)) throw new ClientError('untrusted_answer')
    await keepKeys(context, keys, version)
  })
}
