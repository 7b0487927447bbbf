import type { DeviceId } from '@sotto/wire'
import { renewKeys as renewRealKeys } from '../../../../packages/sdk/src/account/keys/renew-keys.ts'
import type { AccountContext } from '../../../../packages/sdk/src/account/state/account-context.ts'

/**
 * The planted bug: a renewal keeps only the new keys, and messages to the former ones stay
 * unreadable.
 */
export async function renewKeys(
  context: AccountContext,
  stolen: DeviceId,
  leave: () => void,
): Promise<void> {
  await renewRealKeys(context, stolen, leave)
  const { keys } = context.state.me()
  const [ecdh] = keys.ecdh
  await context.state.save({ keys: { ...keys, ecdh: [ecdh], rsa: keys.rsa.slice(0, 1) } })
}
