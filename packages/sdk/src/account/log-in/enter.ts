import { vaultSeal } from '@sotto/crypto'
import {
  asciiDigits,
  authRequests,
  DeviceId,
  type LoginDevice,
  type TokenAnswer,
  type Wrap,
} from '@sotto/wire'
import { ClientError } from '../../api/errors.ts'
import { put, remove } from '../../storage/record-kind.ts'
import { KNOWN_DEVICE, type Login } from '../../storage/records/account.ts'
import { EXPORT_KEY } from '../../storage/records/keys.ts'
import type { Change } from '../../storage/storage.ts'
import { EXPORT_KEY_LABEL, loadExportKey } from '../keys/device-secrets.ts'
import { reuseKeysAside } from '../keys/keys-aside.ts'
import { withNewWrap } from '../keys/wraps.ts'
import { enrollAnew, findShownAccount, isNamed, tryOpener, unlock } from '../recovery/unlock.ts'
import type { AccountContext } from '../state/account-context.ts'
import type { Stage } from '../state/account-stages.ts'
import type { AccountEvents } from '../state/account-state.ts'
import type { LoginDetails } from '../state/stored-stages.ts'
import { changesForInvitation } from './invitation.ts'

/** How a person logged in. */
export interface Entrance {
  readonly signedUpWith: 'phone' | 'email'
  readonly handle: string
  readonly deviceId: DeviceId
  readonly exportKey?: Uint8Array<ArrayBuffer>
  /** The wrap for a password that was set on this device, which has the keys. */
  readonly newWrap?: Wrap
}

/**
 * Determines the account's stage on this device if it's unknown, for instance after a crash during log-in: whether the
 * account has keys, and whether anything here opens them.
 */
export async function settle(context: AccountContext): Promise<void> {
  const { state } = context
  const shown = await findShownAccount(context)
  if (!shown) {
    await state.move({ stage: 'nothing_published' }, { login: withWays([]) })
    return
  }
  const { record, wraps } = shown
  if (await reuseKeysAside(context, record.identityKey)) {
    return state.memory.device ? undefined : enrollAnew(context)
  }
  const exportKey = await loadExportKey(context)
  const opener = exportKey && ({ kind: 'password', exportKey } as const)
  // A wrap that the manifest doesn't name counts as missing: it belongs to a brand-new password, or it is damaged. The
  // recovery code is offered then.
  const mayOpen = opener && (await isNamed('password', shown))
  const rootSecret = mayOpen && (await tryOpener(context, wraps, opener))
  if (rootSecret) return unlock(context, rootSecret, 'password', shown)
  const ways: ('recovery_code' | 'pem')[] = []
  if (wraps.some(({ kind }) => kind === 'recovery_code')) ways.push('recovery_code')
  if (record.rsaKey !== null) ways.push('pem')
  await state.move({ stage: 'keys_published' }, { login: withWays(ways) })
}

const withWays = (ways: Login['ways']) => (login: Login) => ({ ...login, ways })

/** Adopts the tokens of a log-in, along with everything that is stored here for the same account. */
export async function enter(
  context: AccountContext,
  answer: TokenAnswer,
  entrance: Entrance,
): Promise<void> {
  const { state, tokens } = context
  const { signedUpWith, handle, deviceId, exportKey, newWrap } = entrance
  if (answer.device_id !== deviceId) throw new ClientError('untrusted_answer')
  await refuseOtherAccount(context, answer)

  const { keys, own, login: before } = state.memory
  const isUnlocked = keys !== undefined && own !== undefined
  const isSameDevice = before?.deviceId === deviceId
  const login: LoginDetails = {
    accountId: answer.account_id,
    sessionId: answer.session_id,
    deviceId,
    signedUpWith,
    handle,
    refreshToken: answer.refresh_token ?? null,
    ways: [],
  }
  const stage = stageEventOf(state.stage, { isUnlocked, isSameDevice })
  // Drop the former device key along with its id, so that a crash here leads to a new enrollment.
  const forgotten = !isSameDevice && { device: undefined }
  const rewrapped = newWrap && isUnlocked && { own: withNewWrap(own, newWrap) }
  await state.move({ logIn: 'log_in', ...stage }, { login, ...forgotten, ...rewrapped }, [
    ...(await changesForExportKey(context, isUnlocked ? undefined : exportKey)),
    ...(await changesForInvitation(context, answer.created)),
    ...(answer.known_device === undefined ? [] : [put(KNOWN_DEVICE, answer.known_device)]),
  ])
  await tokens.adopt(answer)
  if (!isUnlocked) return settle(context)
  if (!isSameDevice) await enrollAnew(context)
}

/** The stage event for a log-in. On the same device, new keys keep waiting as before. */
function stageEventOf(
  stage: Stage,
  { isUnlocked, isSameDevice }: { readonly isUnlocked: boolean; readonly isSameDevice: boolean },
): Pick<AccountEvents, 'stage'> {
  if (!isUnlocked) return { stage: 'start_over' }
  return !isSameDevice && stage === 'new_keys_wait' ? { stage: 'count' } : {}
}

/**
 * A browser holds only one account. A server that answers with another account may be lying, so nothing is erased here:
 * only the person can decide that.
 */
async function refuseOtherAccount({ state, call }: AccountContext, answer: TokenAnswer) {
  const kept = state.memory.login
  if (!kept || kept.accountId === answer.account_id) return
  // End the unused session if the server can be reached.
  await call(authRequests.logOut, {}, { token: answer.access_token }).catch(() => {})
  throw new ClientError('other_account')
}

async function changesForExportKey(
  { state }: AccountContext,
  exportKey: Uint8Array<ArrayBuffer> | undefined,
): Promise<Change[]> {
  if (!exportKey) return [remove(EXPORT_KEY)]
  // Stored only until the keys are made or opened: a reload in between must not lose the wrap.
  return [put(EXPORT_KEY, await vaultSeal(await state.vault(), EXPORT_KEY_LABEL, exportKey))]
}

/** A token that proves to the server, when logging in, that it has seen this device before. */
export async function knownDevice({ storage }: AccountContext): Promise<{ knownDevice?: string }> {
  const known = await storage.load(KNOWN_DEVICE)
  return known === undefined ? {} : { knownDevice: known }
}

/** This device's details for a log-in as `handle`. */
export function loginDevice({ refreshIn, state }: AccountContext, handle: string): LoginDevice {
  return { deviceId: deviceIdFor(state.memory.login, handle), refreshIn }
}

/**
 * The device id to log in with. The stored id is reused for the same person, whose counters and device key are still
 * here, unless the session was ended from elsewhere: then the device has been revoked.
 */
function deviceIdFor(kept: Login | undefined, handle: string): DeviceId {
  const goesOn = kept && kept.ended !== 'session_ended' && isSameHandle(kept.handle, handle)
  return goesOn ? kept.deviceId : DeviceId.parse(crypto.randomUUID())
}

function isSameHandle(one: string, other: string): boolean {
  const plain = (handle: string) =>
    handle.includes('@') ? handle.trim().toLowerCase() : asciiDigits(handle).replace(/\D/g, '')
  return plain(one) !== '' && plain(one) === plain(other)
}
