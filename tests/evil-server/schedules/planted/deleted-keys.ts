import { createUploads as createRealUploads } from '../../../../packages/sdk/src/account/publishing/uploads.ts'
import type { AccountContext } from '../../../../packages/sdk/src/account/state/account-context.ts'
import { codeOf } from '../../../../packages/sdk/src/api/errors.ts'
import { remove } from '../../../../packages/sdk/src/storage/record-kind.ts'
import { UPLOADS } from '../../../../packages/sdk/src/storage/records/account.ts'
import { KEY_BOX, ROOT_SECRET } from '../../../../packages/sdk/src/storage/records/keys.ts'

export { sendUpload } from '../../../../packages/sdk/src/account/publishing/uploads.ts'

/** The planted bug: `stale_version` is treated as proof that the account has other keys. */
export function createUploads(context: AccountContext): () => Promise<void> {
  const upload = createRealUploads(context)
  return async () => {
    try {
      await upload()
    } catch (error) {
      if (codeOf(error) === 'stale_version') await forgetKeys(context)
      throw error
    }
  }
}

async function forgetKeys({ state }: AccountContext): Promise<void> {
  const nothing = { own: undefined, keys: undefined, device: undefined, pendingCode: undefined }
  const changes = [remove(UPLOADS), remove(ROOT_SECRET), remove(KEY_BOX)]
  await state.move({ stage: 'set_aside' }, nothing, changes)
}
