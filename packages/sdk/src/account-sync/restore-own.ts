import {
  findManifestStatement,
  isOvertaken,
  publishManifestAfter,
  verifyOwnManifest,
} from '../account/keys/manifest.ts'
import { signOwnCredential } from '../account/keys/own-credential.ts'
import { joinKeyBox } from '../account/keys/own-keys.ts'
import {
  adoptOwnRecord,
  follows,
  isBeforeKeys,
  isPublishable,
  joinRecord,
  noteRaise,
  type Published,
  raiseRecord,
  replaceRecord,
} from '../account/keys/own-record.ts'
import { adoptManifest, keepWraps, replaceWraps } from '../account/keys/wraps.ts'
import { sendUpload } from '../account/publishing/uploads.ts'
import type { AccountContext } from '../account/state/account-context.ts'
import { findBox, findPublished } from '../account/state/own-answers.ts'
import { ClientError, codeOf, mayPass } from '../api/errors.ts'
import { isRevokedIn } from '../published/published-keys.ts'
import { verifyAccount } from '../published/verify-account.ts'
import { againIfStale } from '../scheduling/retrying.ts'
import type { OwnManifest } from '../storage/records/account.ts'
import { KEY_BOX } from '../storage/records/keys.ts'
import type { VerifiedAccount } from '../storage/verified-account.ts'
import type { ContactBox } from './contact-box.ts'

/**
 * Resends whatever a restored server has lost of our account, and merges it with anything that another of our devices
 * has written first.
 *
 * Wraps and manifest come last, so that a device that unlocks with a wrap finds everything that the keys need. `era` is
 * the server's.
 */
export async function restoreOwn(
  context: AccountContext,
  contactBox: ContactBox,
  era: string,
): Promise<void> {
  await noteRaise(context, era)
  try {
    await againIfStale(() => restoreOnce(context, contactBox))
  } catch (error) {
    if (codeOf(error) !== 'stale_version') throw error
    // All our devices do this at the same time, so the next attempt waits a moment.
    throw new ClientError('unavailable', undefined, { cause: error })
  }
}

async function restoreOnce(context: AccountContext, contactBox: ContactBox): Promise<void> {
  if (!(await restoreKeysOnce(context))) return
  await raiseRecord(context)
  // No device may sign a new manifest before this one is restored.
  await context.inTurn.manifest(async () => {
    await contactBox.restore()
    await restoreManifest(context)
  })
}

/** The part without which the server doesn't know this device. The rest follows once it connects. */
export async function restoreKeys(context: AccountContext): Promise<void> {
  await againIfStale(async () => {
    await restoreKeysOnce(context)
  })
}

/**
 * Restores the key box, the record and this device's enrollment. Returns whether the account still has these keys; if
 * it started over with others, this sends nothing and leaves it to other code to notice. Throws `untrusted_answer` for
 * a record that doesn't verify, since that isn't a lost one. Throws `device_not_enrolled` if another of our devices has
 * revoked this one.
 */
async function restoreKeysOnce(context: AccountContext): Promise<boolean> {
  const { own, deviceId, keys, device } = context.state.me()
  const published = await findPublished(context)
  const shown = published && (await verifyAccount(published, own.record.account))
  const isOther = shown !== undefined && shown.record.identityKey !== own.record.identityKey
  if (isOther && !isBeforeKeys(own, shown.record)) return false
  if (shown && !isOther && isRevokedIn(shown.record, deviceId)) {
    throw new ClientError('device_not_enrolled')
  }
  // The server accepts a box only from the published identity key.
  if (!shown || isOther) await restoreRecord(context, shown).catch(waiting)
  await restoreKeyBox(context)
  if (shown && !isOther) await restoreRecord(context, shown)
  // A renewal keeps the device id, but the server's credential is from the former key.
  const isEnrolled = !isOther && shown?.devices.some((known) => known.deviceId === deviceId)
  if (!isEnrolled) {
    const rootSecret = await context.state.rootSecret()
    await sendUpload(context, await signOwnCredential(context, { keys, rootSecret, device }))
  }
  return true
}

/** If the server knows only former keys, the keys that replaced them have to wait again. */
function waiting(cause: unknown): never {
  if (codeOf(cause) !== 'new_keys_wait') throw cause
  throw new ClientError('unavailable', undefined, { cause })
}

async function restoreKeyBox(context: AccountContext): Promise<void> {
  const sealed = await context.storage.load(KEY_BOX)
  if (!sealed) return
  const box = await findBox(context, 'keys')
  if (!box) await sendUpload(context, { kind: 'box', box: 'keys', sealed, after: 0 })
  else if (box.ciphertext !== sealed.ciphertext) await joinKeyBox(context, sealed, box)
}

async function restoreRecord(
  context: AccountContext,
  shown: VerifiedAccount | undefined,
): Promise<void> {
  const { own } = context.state.me()
  const { statement, picture } = own
  if (shown?.statement === statement) return
  if (!shown || isOnlyOlder(shown, own)) {
    if (!isPublishable(own)) return replaceRecord(context, shown)
    const after = shown?.record.version ?? 0
    return sendUpload(context, { kind: 'user', statement, picture, after })
  }
  const isNext = !isBeforeKeys(own, shown.record) && isOnlyOlder(own, shown)
  await (isNext ? adoptOwnRecord(context, shown) : joinRecord(context, shown))
}

/** Whether `older` adds nothing: the other one has a higher version and a later time, and drops no revocation. */
function isOnlyOlder(older: Published, newer: Published): boolean {
  return follows(newer, older) && newer.record.issuedAt > older.record.issuedAt
}

/** Restores the manifest if the server has lost it, and the wraps that the newest one names. */
async function restoreManifest(context: AccountContext): Promise<void> {
  const { manifest } = context.state.me().own
  const { shown, former } = await findManifests(context)
  if (shown && shown.version >= manifest.version) {
    await adoptManifest(context, shown, { isRestoring: true })
  } else {
    await replaceWraps(context)
    if (former && former.version >= manifest.version) return publishManifestAfter(context, former)
    const after = (shown ?? former)?.version ?? 0
    await sendUpload(context, { kind: 'manifest', statement: manifest.statement, after })
  }
  const hasPutBack = await keepWraps(context).catch((error: unknown) => {
    // The wraps are checked again once the device is online.
    if (!mayPass(error)) throw error
    return false
  })
  if (hasPutBack && (await isOvertaken(context))) await restoreManifest(context)
}

/**
 * The server's manifest: `shown` if the current keys signed it, `former` if keys that this account has abandoned did.
 * Throws `untrusted_answer` for any other.
 */
async function findManifests(
  context: AccountContext,
): Promise<{ shown?: OwnManifest | undefined; former?: OwnManifest }> {
  const { record, formerIdentityKeys = [] } = context.state.me().own
  const statement = await findManifestStatement(context)
  const verified = (identityKey: string) => verifyOwnManifest(context, statement, identityKey)
  for (const key of formerIdentityKeys) {
    const former = await verified(key).catch(() => undefined)
    if (former) return { former }
  }
  return { shown: await verified(record.identityKey) }
}
