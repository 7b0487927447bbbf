import { openContacts, openKeyBox, sealContacts, sealKeyBox } from '@sotto/crypto'
import type { BoxName, SealedBox } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { versionAfter } from './own-answers.ts'
import { putBox } from './signed-writes.ts'
import { KEY_BOX, put } from './stored.ts'

/** Seals a box of new keys again, after a version that the keys before have written in the meantime. */
export async function sealAfter(
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
