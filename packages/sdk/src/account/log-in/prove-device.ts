import { signDeviceProof } from '@sotto/crypto'
import { chatRequests, logInChallenge } from '@sotto/wire'
import type { ClientErrorCode } from '../../api/commands.ts'
import { ClientError, codeOf, mayPass } from '../../api/errors.ts'
import type { EndReason } from '../../storage/records/account.ts'
import { signCredentialOf } from '../keys/own-credential.ts'
import type { AccountContext } from '../state/account-context.ts'

/** What proving takes. */
type Prover = Pick<AccountContext, 'state' | 'call' | 'deviceName' | 'now'>

/** Refusals of a proof that say: the account has other keys, or this device is none of its devices. */
const NOT_OURS: ReadonlySet<ClientErrorCode> = new Set([
  'bad_signature',
  'device_id_taken',
  'device_not_enrolled',
])

/**
 * Proves to a server that has lost the session that this is the device it was for: with its key, and with
 * the account's signature of that key, which the server may have lost as well. A device that is locked has
 * neither, and has to log in again.
 */
export async function proveDevice(
  context: Prover,
  challenge: string,
): Promise<'proven' | EndReason> {
  const { keys, device } = context.state.memory
  if (!keys || !device) return 'session_lost'
  try {
    await answer(context, challenge)
    return 'proven'
  } catch (error) {
    return outcomeOf(error)
  }
}

/**
 * Proves that the log-in of this device is one of the account's: until then it may ask little more than what it
 * takes to unlock. Throws `device_not_proven` while the device is locked, and `device_not_enrolled` if the server
 * does not count its keys.
 */
export async function proveLogIn(context: Prover): Promise<void> {
  const { state } = context
  const { keys, device } = state.memory
  if (!keys || !device) throw new ClientError('device_not_proven')
  const { sessionId } = state.login()
  try {
    await answer(context, logInChallenge(sessionId))
  } catch (cause) {
    throw refusalOf(cause)
  }
  await state.updateLogin((login) =>
    login.sessionId === sessionId ? { ...login, isProven: true } : login,
  )
}

/** The same, unless this device knows that it has done so. */
export async function proveUnlessProven({ state, proveLogIn }: AccountContext): Promise<void> {
  if (!state.login().isProven) await proveLogIn()
}

/** Shows the credential of this device, and the challenge signed by it. */
async function answer(context: Prover, challenge: string): Promise<void> {
  const { state, call, now } = context
  const { keys, device } = state.me()
  const { accountId: account, deviceId } = state.login()
  const rootSecret = await state.rootSecret()
  const credential = await signCredentialOf(context, { keys, rootSecret, device })
  const issuedAt = now()
  const proof = await signDeviceProof(device, { account, device: deviceId, challenge, issuedAt })
  await call(chatRequests.proveDevice, { params: { deviceId }, body: { credential, proof } })
}

function refusalOf(cause: unknown): unknown {
  const code = codeOf(cause)
  if (code !== undefined && NOT_OURS.has(code)) {
    return new ClientError('device_not_enrolled', undefined, { cause })
  }
  // The auth service does not know this session, which the next request is told; or its instance is of the
  // version before, which knows no such proof and wants none.
  if (code === 'refresh_refused' || code === 'not_found') {
    return new ClientError('unavailable', undefined, { cause })
  }
  return cause
}

function outcomeOf(error: unknown): EndReason {
  const code = codeOf(error)
  if (code === undefined || code === 'untrusted_answer' || mayPass(error)) throw error
  // An instance of the version before does not know this request, and is about to be replaced.
  if (code === 'not_found') throw new ClientError('unavailable', undefined, { cause: error })
  // The account has revoked this device: what follows is another one.
  return code === 'device_not_enrolled' ? 'session_ended' : 'session_lost'
}
