import { createUploads as createRealUploads } from '../../../../packages/sdk/src/account/publishing/uploads.ts'
import type { AccountContext } from '../../../../packages/sdk/src/account/state/account-context.ts'
import { codeOf } from '../../../../packages/sdk/src/api/errors.ts'
import {
  KEY_BOX,
  ROOT_SECRET,
  remove,
  UPLOADS,
} from '../../../../packages/sdk/src/storage/stored.ts'

export { sendUpload } from '../../../../packages/sdk/src/account/publishing/uploads.ts'

/** The planted bug: `stale_version` is taken for the proof that the account has other keys. */
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
  const login = { ...state.login(), standing: 'unknown' } as const
  const changes = [remove(UPLOADS), remove(ROOT_SECRET), remove(KEY_BOX)]
  await state.save({ ...nothing, login }, changes)
}
