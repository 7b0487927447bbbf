import { signDeviceProof } from '@sotto/crypto'
import { chatRequests } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { signCredentialOf } from './device.ts'
import { ClientError, codeOf, mayPass } from './errors.ts'
import type { EndReason } from './tokens.ts'

/**
 * Proves to a server that has lost the session that this is the device it was for: with its key, and with
 * the account's signature of that key, which the server may have lost as well. A device that is locked has
 * neither, and has to log in again.
 */
export async function proveDevice(
  context: Pick<AccountContext, 'state' | 'call' | 'deviceName' | 'now'>,
  challenge: string,
): Promise<'proven' | EndReason> {
  const { keys, device } = context.state.memory
  if (!keys || !device) return 'session_lost'
  const { accountId: account, deviceId } = context.state.login()
  const rootSecret = await context.state.rootSecret()
  const credential = await signCredentialOf(context, { keys, rootSecret, device })
  const issuedAt = context.now()
  const proof = await signDeviceProof(device, { account, device: deviceId, challenge, issuedAt })
  try {
    await context.call(chatRequests.proveDevice, {
      params: { deviceId },
      body: { credential, proof },
    })
    return 'proven'
  } catch (error) {
    return outcomeOf(error)
  }
}

function outcomeOf(error: unknown): EndReason {
  const code = codeOf(error)
  if (code === undefined || code === 'untrusted_answer' || mayPass(error)) throw error
  // An instance of the version before does not know this request, and is about to be replaced.
  if (code === 'not_found') throw new ClientError('unavailable', undefined, { cause: error })
  // The account has revoked this device: what follows is another one.
  return code === 'device_not_enrolled' ? 'session_ended' : 'session_lost'
}
