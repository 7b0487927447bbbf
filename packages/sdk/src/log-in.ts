import { vaultOpenRootSecret, vaultSeal, wrapRootSecret } from '@sotto/crypto'
import {
  type AccountId,
  authRequests,
  ChallengeId,
  DeviceId,
  MAX_PASSWORD_CHARS,
  MIN_PASSWORD_CHARS,
  type TokenAnswer,
} from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import type { StartedChallenge } from './api.ts'
import { isCommonPassword } from './common-passwords.ts'
import { ClientError, codeOf } from './errors.ts'
import { EXPORT_KEY_LABEL, loadExportKey } from './make-keys.ts'
import { findPublished } from './own-answers.ts'
import type { Change } from './storage.ts'
import { EXPORT_KEY, type Login, load, put, ROOT_SECRET, remove } from './stored.ts'
import { enrolAnew, loadWraps, tryOpener, unlock } from './unlock.ts'

/** How somebody came in. */
interface Entrance {
  readonly signedUpWith: 'phone' | 'email'
  readonly handle: string
  readonly deviceId: DeviceId
  readonly exportKey?: Uint8Array<ArrayBuffer>
}

/** A proven address, between its code and the new password. */
interface ProvenEmail {
  readonly ticket: string
  readonly email: string
  readonly accountId: AccountId
}

export interface LogIn {
  startPhone(phone: string): Promise<StartedChallenge>
  verifyPhone(challengeId: string, code: string): Promise<void>
  startEmail(email: string): Promise<StartedChallenge>
  verifyEmail(challengeId: string, code: string): Promise<{ isNew: boolean }>
  setPassword(password: string): Promise<void>
  logIn(email: string, password: string): Promise<void>
}

/** The ways in. Each ends with tokens, and with what the account's standing on this device is. */
export function createLogIn(context: AccountContext): LogIn {
  const { call, state } = context
  const handles = new Map<string, string>()
  let proven: ProvenEmail | undefined

  const start = async (handle: string, started: Promise<StartedChallenge>) => {
    const { challengeId, expiresIn } = await started
    handles.set(challengeId, handle)
    return { challengeId, expiresIn }
  }
  const describe = (deviceId: DeviceId) => {
    const { deviceName, refreshIn } = context
    return { deviceId, deviceName, refreshIn }
  }

  return {
    startPhone: (phone) => start(phone, call(authRequests.startPhone, { body: { phone } })),
    startEmail: (email) => start(email, call(authRequests.startEmail, { body: { email } })),

    verifyPhone: async (challengeId, code) => {
      const handle = handles.get(challengeId) ?? ''
      const deviceId = deviceIdFor(state.memory.login, handle)
      const body = { challengeId: ChallengeId.parse(challengeId), code, device: describe(deviceId) }
      const answer = await call(authRequests.verifyPhone, { body })
      await enter(context, answer, { signedUpWith: 'phone', handle, deviceId })
    },

    verifyEmail: async (challengeId, code) => {
      const body = { challengeId: ChallengeId.parse(challengeId), code }
      const { ticket, accountId, isNew } = await call(authRequests.verifyEmail, { body })
      proven = { ticket, accountId, email: handles.get(challengeId) ?? '' }
      return { isNew }
    },

    setPassword: async (password) => {
      refuseWeak(password)
      if (!proven) throw new ClientError('ticket_expired')
      const { ticket, email, accountId } = proven
      const port = await context.password()
      const { state: opaque, registrationRequest } = await port.startRegistration(password)
      const { registrationResponse } = await call(authRequests.startRegistration, {
        body: { ticket, registrationRequest },
      })
      const { registrationRecord, exportKey } = await port.finishRegistration(
        password,
        opaque,
        registrationResponse,
      )
      const wrap = await wrapIfUnlocked(context, accountId, exportKey)
      const deviceId = deviceIdFor(state.memory.login, email)
      const answer = await call(authRequests.finishRegistration, {
        body: { ticket, registrationRecord, wrap, device: describe(deviceId) },
      })
      proven = undefined
      await enter(context, answer, { signedUpWith: 'email', handle: email, deviceId, exportKey })
    },

    logIn: async (email, password) => {
      const port = await context.password()
      const { state: opaque, startLoginRequest } = await port.startLogin(password)
      const { loginId, loginResponse } = await call(authRequests.startLogin, {
        body: { email, startLoginRequest },
      })
      const finished = await port.finishLogin(password, opaque, loginResponse)
      if (!finished) throw new ClientError('wrong_credentials')
      const { finishLoginRequest, exportKey } = finished
      const deviceId = deviceIdFor(state.memory.login, email)
      const answer = await call(authRequests.finishLogin, {
        body: { loginId, finishLoginRequest, device: describe(deviceId) },
      })
      await enter(context, answer, { signedUpWith: 'email', handle: email, deviceId, exportKey })
    },
  }
}

/**
 * Finds out how the account stands on this device when that is not known, as after a crash in the
 * middle of logging in: whether it has keys at all, and whether something here opens them.
 */
export async function settle(context: AccountContext): Promise<void> {
  const { state } = context
  const published = await findPublished(context)
  if (!published) {
    return state.save({ login: { ...state.login(), standing: 'needs_profile', ways: [] } })
  }
  const wraps = await loadWraps(context)
  const exportKey = await loadExportKey(context)
  const opener = exportKey && ({ kind: 'password', exportKey } as const)
  const rootSecret = opener && (await tryOpener(context, wraps, opener))
  if (rootSecret) return unlock(context, rootSecret, published, wraps)
  const hasCode = wraps.some(({ kind }) => kind === 'recovery_code')
  const ways = hasCode ? (['recovery_code', 'pem'] as const) : (['pem'] as const)
  await state.save({ login: { ...state.login(), standing: 'locked', ways } })
}

/** Takes the tokens of a log-in, and everything that is kept here for the same account. */
async function enter(context: AccountContext, answer: TokenAnswer, entrance: Entrance) {
  const { state, tokens } = context
  const { signedUpWith, handle, deviceId, exportKey } = entrance
  if (answer.device_id !== deviceId) throw new ClientError('untrusted_answer')
  // One browser keeps one account: what another one left here goes.
  const kept = state.memory.login
  if (kept && kept.accountId !== answer.account_id) await state.erase()

  const { keys, own, login: before } = state.memory
  const isUnlocked = keys !== undefined && own !== undefined
  const login: Login = {
    accountId: answer.account_id,
    sessionId: answer.session_id,
    deviceId,
    signedUpWith,
    handle,
    refreshToken: answer.refresh_token ?? null,
    ended: null,
    standing: isUnlocked ? 'unlocked' : 'unknown',
    ways: [],
  }
  await state.save(
    { login },
    await changesForExportKey(context, isUnlocked ? undefined : exportKey),
  )
  await tokens.take(answer)
  if (!isUnlocked) return settle(context)
  if (before?.deviceId !== deviceId) await enrolAnew(context)
}

async function changesForExportKey(
  { state }: AccountContext,
  exportKey: Uint8Array<ArrayBuffer> | undefined,
): Promise<Change[]> {
  if (!exportKey) return [remove(EXPORT_KEY)]
  // At rest only until the keys are made or opened: a reload in between must not lose the wrap.
  return [put(EXPORT_KEY, await vaultSeal(await state.vault(), EXPORT_KEY_LABEL, exportKey))]
}

/**
 * The device id to log in with. The one that is kept goes on for the same person, whose counters and
 * device key are still here, unless the session was ended from elsewhere: then the device is revoked.
 */
function deviceIdFor(kept: Login | undefined, handle: string): DeviceId {
  const goesOn = kept && kept.ended !== 'session_ended' && isSameHandle(kept.handle, handle)
  return goesOn ? kept.deviceId : DeviceId.parse(crypto.randomUUID())
}

function isSameHandle(one: string, other: string): boolean {
  const plain = (handle: string) =>
    handle.includes('@') ? handle.trim().toLowerCase() : handle.replace(/\D/g, '')
  return plain(one) !== '' && plain(one) === plain(other)
}

function refuseWeak(password: string): void {
  const { length } = password.normalize('NFC')
  const hasRightLength = length >= MIN_PASSWORD_CHARS && length <= MAX_PASSWORD_CHARS
  if (!hasRightLength || isCommonPassword(password)) throw new ClientError('weak_password')
}

/** The wrap for a new password, where this device still has the root secret of the account. */
async function wrapIfUnlocked(
  { state, storage }: AccountContext,
  accountId: AccountId,
  exportKey: Uint8Array<ArrayBuffer>,
) {
  const sealed = await load(storage, ROOT_SECRET)
  if (!sealed || state.memory.login?.accountId !== accountId) return null
  const rootSecret = await vaultOpenRootSecret(await state.vault(), accountId, sealed)
  const wrap = await wrapRootSecret(rootSecret, { kind: 'password', exportKey }, accountId)
  return { kind: 'password', ciphertext: wrap.ciphertext } as const
}

/** Ends the session on the server; when it cannot be reached, the log-in there runs out by itself. */
export async function endOwnSession({ authorized }: AccountContext): Promise<void> {
  try {
    await authorized(authRequests.logOut, {})
  } catch (error) {
    if (codeOf(error) === undefined) throw error
  }
}
