import { signDeviceProof } from '@sotto/crypto'
import { chatRequests, logInChallenge } from '@sotto/wire'
import type { ClientErrorCode } from '../../api/error-codes.ts'
import { ClientError, codeOf, mayPass } from '../../api/errors.ts'
import type { EndReason } from '../../storage/records/account.ts'
import { signCredentialOf } from '../keys/own-credential.ts'
import type { AccountContext } from '../state/account-context.ts'

type Prover = Pick<AccountContext, 'state' | 'call' | 'deviceName' | 'now'>

/** Refusals that mean the account has other keys, or this isn't one of its devices. */
const NOT_OURS: ReadonlySet<ClientErrorCode> = new Set([
  'bad_signature',
  'device_id_taken',
  'device_not_enrolled',
])

/**
 * Proves to a server that has lost the session that this is the same device: with the device key, and with the
 * account's signature over that key, which the server may have lost as well. A locked device has neither and must log
 * in again.
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
 * Proves that this device's log-in belongs to the account. Until then it may request little more than what unlocking
 * takes. Throws `device_not_proven` while the device is locked, and `device_not_enrolled` if the server doesn't accept
 * its keys.
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

/** The same, unless this device knows that it has already done so. */
export async function proveUnlessProven({ state, proveLogIn }: AccountContext): Promise<void> {
  if (!state.login().isProven) await proveLogIn()
}

/** Sends this device's credential, and the challenge signed by its key. */
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
  // Either the auth service doesn't know this session, as the next request will report, or its instance runs the
  // previous version, which has no such proof and doesn't need one.
  if (code === 'refresh_refused' || code === 'not_found') {
    return new ClientError('unavailable', undefined, { cause })
  }
  return cause
}

function outcomeOf(error: unknown): EndReason {
  const code = codeOf(error)
  if (code === undefined || code === 'untrusted_answer' || mayPass(error)) throw error
  // An instance of the previous version doesn't know this request and is about to be replaced.
  if (code === 'not_found') throw new ClientError('unavailable', undefined, { cause: error })
  // The account has revoked this device, so it will get a new identity.
  return code === 'device_not_enrolled' ? 'session_ended' : 'session_lost'
}
