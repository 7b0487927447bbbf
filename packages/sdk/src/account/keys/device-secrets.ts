import { vaultOpen } from '@sotto/crypto'
import { EXPORT_KEY } from '../../storage/records/keys.ts'
import type { AccountContext } from '../state/account-context.ts'

// The labels of secrets that this device keeps sealed under its vault key.
export const CODE_LABEL = 'recovery code'
export const EXPORT_KEY_LABEL = 'export key'

/** This log-in's export key, until the password wrap has been made with it. */
export async function loadExportKey({ storage, state }: AccountContext) {
  const sealed = await storage.load(EXPORT_KEY)
  return sealed && vaultOpen(await state.vault(), EXPORT_KEY_LABEL, sealed)
}
