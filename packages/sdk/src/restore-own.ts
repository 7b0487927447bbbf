import { authRequests } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { askAuth } from './ask-auth.ts'
import { signOwnCredential } from './device.ts'
import { findManifest, withMissing, wrapsNamedIn } from './manifest.ts'
import { findBox, findPublished } from './own-answers.ts'
import { isBeforeKeys } from './own-record.ts'
import { againIfStale } from './retrying.ts'
import { KEY_BOX, load, type Upload } from './stored.ts'
import { sendUpload } from './uploads.ts'
import { verifyAccount } from './verify-account.ts'

/**
 * Sends again what a restored server has lost of the own account: the box of the keys, the record, the
 * enrollment of this device, the wraps and the manifest. Nothing is sent that the server has in the same or
 * a newer version, for instance because another own device was faster.
 */
export async function restoreOwn(context: AccountContext): Promise<void> {
  await againIfStale(async () => {
    for (const upload of await lostUploads(context)) {
      if (upload.kind === 'manifest') await putBackWraps(context)
      await sendUpload(context.authorized, upload)
    }
  })
}

/**
 * A wrap that was replaced after the backup works again until its replacement is put back. This removes
 * all others, so the bytes of a named wrap that this device does not hold are taken from the server first.
 * If the auth service does not know the session, the wraps follow after the next log-in.
 */
async function putBackWraps(context: AccountContext): Promise<void> {
  const { state } = context
  await context.inTurn.manifest(async () => {
    const listed = await askAuth(context, authRequests.listWraps, {})
    const { manifest, wraps } = state.me().own
    const named = await wrapsNamedIn(manifest, [...(listed?.wraps ?? []), ...wraps])
    const isPut =
      listed &&
      (named.length === 0 ||
        (await askAuth(context, authRequests.replaceWraps, { body: { wraps: named } })))
    await state.updateOwn((own) => ({
      ...own,
      wraps: withMissing(own.wraps, named),
      hasNewWraps: own.hasNewWraps || !isPut,
    }))
  })
}

/** Throws `untrusted_answer` for a record or manifest that does not verify: it is none that was lost. */
async function lostUploads(context: AccountContext): Promise<Upload[]> {
  const { state, storage } = context
  const { own, deviceId, keys, device } = state.me()
  const published = await findPublished(context)
  const shown = published && (await verifyAccount(published, own.record.account)).record
  const isOlder = shown === undefined || shown.version < own.record.version
  const isOther = shown !== undefined && shown.identityKey !== own.record.identityKey
  // The account started over with other keys, which is noticed elsewhere.
  if (isOther && !isBeforeKeys(own, shown)) return []
  // That of other keys is not the one that is here.
  const manifest = isOther ? undefined : await findManifest(context, own.record.identityKey)
  const uploads: Upload[] = []
  const sealed = await load(storage, KEY_BOX)
  const box = await findBox(context, 'keys')
  if (sealed && (box?.version ?? 0) < sealed.version) {
    uploads.push({ kind: 'box', box: 'keys', sealed })
  }
  if (isOlder) uploads.push({ kind: 'user', statement: own.statement, picture: own.picture })
  if (!published?.devices.some((known) => known.deviceId === deviceId)) {
    uploads.push(await signOwnCredential(context, keys, device))
  }
  // After the record: the server checks the manifest with its key.
  if (!manifest || manifest.version < own.manifest.version) {
    uploads.push({ kind: 'manifest', statement: own.manifest.statement })
  }
  return uploads
}
