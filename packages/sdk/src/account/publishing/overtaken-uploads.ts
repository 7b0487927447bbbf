import { openContacts, openKeyBox, sealContacts, sealKeyBox } from '@sotto/crypto'
import { type BoxName, chatRequests, type SealedBox } from '@sotto/wire'
import { verifyAccount } from '../../published/verify-account.ts'
import { put } from '../../storage/record-kind.ts'
import type { Upload } from '../../storage/records/account.ts'
import { KEY_BOX } from '../../storage/records/keys.ts'
import { followFormerManifest } from '../keys/manifest.ts'
import { isBeforeKeys, joinRecord } from '../keys/own-record.ts'
import type { AccountContext } from '../state/account-context.ts'
import { findPublished, versionAfter } from '../state/own-answers.ts'
import { putBox } from '../state/signed-writes.ts'

/**
 * Handles an upload whose version is already taken: either by an earlier attempt whose answer got lost, which is fine,
 * or by the previous keys, which were still in use elsewhere. In the second case it is sent again as a later version.
 * Throws `refusal` for anything else.
 */
export async function followOvertaken(
  context: AccountContext,
  upload: Upload,
  refusal: unknown,
): Promise<void> {
  switch (upload.kind) {
    case 'box':
      return followBox(context, upload, refusal)
    case 'user':
      return followRecord(context, upload, refusal)
    case 'manifest': {
      const stored = (await context.authorized(chatRequests.getManifest, {})).manifest
      if (stored === upload.statement) return
      return followFormerManifest(context, stored, refusal)
    }
    default:
      throw refusal
  }
}

async function followBox(
  context: AccountContext,
  { box, sealed }: Extract<Upload, { kind: 'box' }>,
  refusal: unknown,
): Promise<void> {
  const stored = (await context.authorized(chatRequests.getBox, { params: { box } })).box
  const isThere = stored?.version === sealed.version && stored.ciphertext === sealed.ciphertext
  if (isThere) return
  // The server has the new record by now, so whatever came in between is from the previous keys.
  if (!stored || stored.version < sealed.version) throw refusal
  await sealAfter(context, box, sealed, stored.version)
}

/** Seals a box of new keys again, following a version that the previous keys have written in the meantime. */
async function sealAfter(
  { state, storage, authorized: call }: AccountContext,
  box: BoxName,
  sealed: SealedBox,
  newest: number,
): Promise<void> {
  const { accountId } = state.me()
  const rootSecret = await state.rootSecret()
  const version = versionAfter(newest)
  const again =
    box === 'keys'
      ? await sealKeyBox(
          rootSecret,
          accountId,
          version,
          await openKeyBox(rootSecret, accountId, sealed),
        )
      : await sealContacts(
          rootSecret,
          accountId,
          version,
          await openContacts(rootSecret, accountId, sealed),
        )
  await putBox({ state, call }, box, again)
  if (box === 'keys') await storage.write([put(KEY_BOX, again)])
  await state.updateOwn((own) => ({
    ...own,
    boxVersions: { ...own.boxVersions, [box]: version },
  }))
}

async function followRecord(
  context: AccountContext,
  { statement }: Extract<Upload, { kind: 'user' }>,
  refusal: unknown,
): Promise<void> {
  const { own } = context.state.me()
  const published = await findPublished(context)
  if (published?.record === statement) return
  const shown = published && (await verifyAccount(published, own.record.account))
  // It may have been sent as a later version.
  if (shown?.record.identityKey === own.record.identityKey) return
  if (!shown || !isBeforeKeys(own, shown.record)) throw refusal
  await joinRecord(context, shown)
}
