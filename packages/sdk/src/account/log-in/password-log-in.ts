import { vaultOpenRootSecret, wrapRootSecret } from '@sotto/crypto'
import {
  type AccountId,
  authRequests,
  codeDigits,
  MAX_PASSWORD_CHARS,
  MIN_PASSWORD_CHARS,
} from '@sotto/wire'
import type { StartedChallenge } from '../../api/answers.ts'
import { ClientError } from '../../api/errors.ts'
import { ROOT_SECRET } from '../../storage/records/keys.ts'
import { syncManifest } from '../keys/manifest.ts'
import { withNewWrap, withoutPasswordWrap } from '../keys/wraps.ts'
import { missingPasswordWrap } from '../recovery/unlock.ts'
import type { AccountContext } from '../state/account-context.ts'
import { putNoPassword } from '../state/signed-writes.ts'
import { enter, knownDevice, loginDevice } from './enter.ts'
import { withInvitation } from './invitation.ts'

/** An email address whose code was entered, before the new password is set. */
interface ProvenEmail {
  readonly ticket: string
  readonly email: string
  readonly accountId: AccountId
}

/** Logging in with an address and a password that the server never sees (OPAQUE, RFC 9807). */
export interface PasswordLogIn {
  startEmail(email: string): Promise<StartedChallenge>
  verifyEmail(challengeId: string, code: string): Promise<{ isNew: boolean }>
  setPassword(password: string): Promise<void>
  logInWithoutPassword(): Promise<void>
  logIn(email: string, password: string): Promise<void>
}

export function createPasswordLogIn(context: AccountContext): PasswordLogIn {
  const { call } = context
  const emails = new Map<string, string>()
  let proven: ProvenEmail | undefined

  return {
    startEmail: async (email) => {
      const known = await knownDevice(context)
      const started = await withInvitation(context, (shown) =>
        call(authRequests.startEmail, { body: { email, ...known, ...shown } }),
      )
      emails.set(started.challengeId, email)
      return started
    },
    verifyEmail: async (challengeId, code) => {
      const codeTry = { challengeId, code: codeDigits(code) }
      const { ticket, accountId, isNew } = await withInvitation(context, (shown) =>
        call(authRequests.verifyEmail, { body: { ...codeTry, ...shown } }),
      )
      proven = { ticket, accountId, email: emails.get(challengeId) ?? '' }
      return { isNew }
    },
    setPassword: async (password) => {
      await refuseWeak(context, password, proven?.email)
      if (!proven) throw new ClientError('ticket_expired')
      await register(context, proven, password)
      proven = undefined
    },
    logInWithoutPassword: async () => {
      if (!proven) throw new ClientError('ticket_expired')
      await enterByTicket(context, proven)
      proven = undefined
    },
    logIn: (email, password) => logIn(context, email, password),
  }
}

async function register(context: AccountContext, proven: ProvenEmail, password: string) {
  const { ticket, email, accountId } = proven
  const { password: port } = context
  const { state, registrationRequest } = await port.startRegistration(password)
  const { registrationResponse } = await context.call(authRequests.startRegistration, {
    body: { ticket, registrationRequest },
  })
  const { registrationRecord, exportKey } = await port.finishRegistration(
    password,
    state,
    registrationResponse,
  )
  const wrap = await wrapIfUnlocked(context, accountId, exportKey)
  const device = loginDevice(context, email)
  const answer = await withInvitation(context, (shown) =>
    context.call(authRequests.finishRegistration, {
      body: { ticket, registrationRecord, device, ...shown },
    }),
  )
  const { deviceId } = device
  const entrance = { signedUpWith: 'email', handle: email, deviceId, exportKey } as const
  await enter(context, answer, { ...entrance, ...(wrap && { newWrap: wrap }) })
}

async function enterByTicket(context: AccountContext, { ticket, email }: ProvenEmail) {
  const device = loginDevice(context, email)
  const answer = await withInvitation(context, (shown) =>
    context.call(authRequests.logInByEmail, { body: { ticket, device, ...shown } }),
  )
  const { deviceId } = device
  await enter(context, answer, { signedUpWith: 'email', handle: email, deviceId })
}

/**
 * Removes our account's password and its wrap, first from the server and then from the manifest. Unlocked devices are
 * not affected.
 */
export async function removePassword(context: AccountContext): Promise<void> {
  await putNoPassword(context)
  await context.state.updateOwn(withoutPasswordWrap)
  await syncManifest(context)
}

async function logIn(context: AccountContext, email: string, password: string) {
  const { password: port } = context
  const { state, startLoginRequest } = await port.startLogin(password)
  const { loginId, loginResponse } = await context.call(authRequests.startLogin, {
    body: { email, startLoginRequest, ...(await knownDevice(context)) },
  })
  const finished = await port.finishLogin(password, state, loginResponse)
  if (!finished) throw new ClientError('wrong_credentials')
  const { finishLoginRequest, exportKey } = finished
  const device = loginDevice(context, email)
  const answer = await context.call(authRequests.finishLogin, {
    body: { loginId, finishLoginRequest, device },
  })
  const { deviceId } = device
  await enter(context, answer, { signedUpWith: 'email', handle: email, deviceId, exportKey })
  await renewPasswordWrap(context, exportKey)
}

/** The password may have been set on a device that could not make its wrap. */
async function renewPasswordWrap(context: AccountContext, exportKey: Uint8Array<ArrayBuffer>) {
  const { state } = context
  const { own, keys } = state.memory
  if (!own || !keys) return
  const rootSecret = await state.rootSecret()
  const wrap = await missingPasswordWrap(context, { rootSecret, exportKey, wraps: own.wraps })
  if (wrap) await state.updateOwn((before) => withNewWrap(before, wrap))
}

async function refuseWeak(
  { state }: AccountContext,
  password: string,
  address: string | undefined,
): Promise<void> {
  const { length } = password.normalize('NFC')
  const hasRightLength = length >= MIN_PASSWORD_CHARS && length <= MAX_PASSWORD_CHARS
  if (!hasRightLength) throw new ClientError('weak_password')
  const { measurePassword } = await loadStrength()
  const { own } = state.memory
  const about = [address, own?.record.name, own?.email, own?.phone].filter((one) => one != null)
  if (!measurePassword(password, about).isEnough) throw new ClientError('weak_password')
}

/** Dictionaries that are only needed to set a password. */
async function loadStrength() {
  try {
    return await import('./password-strength.ts')
  } catch (cause) {
    throw new ClientError('offline', undefined, { cause })
  }
}

/** The wrap for a new password, if this device still has the account's root secret. */
async function wrapIfUnlocked(
  { state, storage }: AccountContext,
  accountId: AccountId,
  exportKey: Uint8Array<ArrayBuffer>,
) {
  const sealed = await storage.load(ROOT_SECRET)
  if (!sealed || state.memory.login?.accountId !== accountId) return null
  const rootSecret = await vaultOpenRootSecret(await state.vault(), accountId, sealed)
  const wrap = await wrapRootSecret(rootSecret, { kind: 'password', exportKey }, accountId)
  return { kind: 'password', ciphertext: wrap.ciphertext } as const
}
