import {
  generateDeviceKey,
  type KeyBox,
  keysOf,
  type Opener,
  openKeyBox,
  publicKeysOf,
  type RootSecret,
  unwrapRootSecret,
  vaultSealRootSecret,
  verifyRecord,
  wrapRootSecret,
} from '@sotto/crypto'
import { type AccountRecord, authRequests, type PublishedAccount, type Wrap } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { signOwnCredential } from './device.ts'
import { ClientError } from './errors.ts'
import { loadExportKey } from './make-keys.ts'
import { findBox, loadReachability } from './own-answers.ts'
import {
  EXPORT_KEY,
  KEY_BOX,
  type Own,
  put,
  ROOT_SECRET,
  remove,
  UPLOADS,
  type Upload,
} from './stored.ts'
import { verifyAccount } from './verify-account.ts'

/** The wraps of the root secret that the server keeps. */
export async function loadWraps({ authorized }: AccountContext): Promise<Wrap[]> {
  return (await authorized(authRequests.listWraps, {})).wraps
}

/** The root secret, or undefined when there is no wrap of this kind or it does not open. */
export async function tryOpener(
  { state }: AccountContext,
  wraps: readonly Wrap[],
  opener: Opener,
): Promise<RootSecret | undefined> {
  const wrap = wraps.find(({ kind }) => kind === opener.kind)
  return wrap && unwrapRootSecret(wrap, opener, state.login().accountId).catch(() => undefined)
}

/**
 * Opens the keys of this account on a device that had none, enrols the device, and makes the password
 * wrap where it is missing. Stored in one step, with the list of what has to be sent.
 *
 * The record on the server has to hold the keys of the box: the server cannot open the box, so it can
 * show other keys, and must not be believed. Throws `untrusted_answer` then.
 */
export async function unlock(
  context: AccountContext,
  rootSecret: RootSecret,
  published: PublishedAccount,
  wraps: readonly Wrap[],
): Promise<void> {
  const { state, storage } = context
  const login = state.login()
  const { accountId } = login
  const sealedKeys = await findBox(context, 'keys')
  if (!sealedKeys) throw new ClientError('untrusted_answer')
  const keyBox = await openOwnBox(rootSecret, accountId, sealedKeys)
  const keys = await keysOf(keyBox)
  const own = await ownFrom(context, published, publicKeysOf(keys), sealedKeys.version)
  const device = await generateDeviceKey({ extractable: !storage.keepsPrivateKeys })
  const uploads: Upload[] = [
    ...(await missingPasswordWrap(context, rootSecret, wraps)),
    await signOwnCredential(context, keys, device),
  ]
  const unlocked = { ...login, standing: 'unlocked', ways: [] } as const
  await state.save({ login: unlocked, own, keys, device }, [
    put(UPLOADS, uploads),
    put(ROOT_SECRET, await vaultSealRootSecret(await state.vault(), accountId, rootSecret)),
    put(KEY_BOX, sealedKeys),
    remove(EXPORT_KEY),
  ])
}

/** The box of the own keys; one that does not open under the own root secret is not ours. */
export async function openOwnBox(...box: Parameters<typeof openKeyBox>): Promise<KeyBox> {
  try {
    return await openKeyBox(...box)
  } catch (cause) {
    throw new ClientError('untrusted_answer', undefined, { cause })
  }
}

/** Whether the public keys of a record are those of the own key box. */
export function hasKeys(record: AccountRecord, keys: ReturnType<typeof publicKeysOf>): boolean {
  // A device may have stopped between storing a new RSA key and publishing it.
  const isRsaRight = record.rsaKey === keys.rsaKey || record.rsaKey === null
  return record.identityKey === keys.identityKey && record.ecdhKey === keys.ecdhKey && isRsaRight
}

async function ownFrom(
  context: AccountContext,
  published: PublishedAccount,
  keys: ReturnType<typeof publicKeysOf>,
  keyBoxVersion: number,
): Promise<Own> {
  const { record, statement, picture } = await verifyAccount(
    published,
    context.state.login().accountId,
  )
  if (!hasKeys(record, keys)) throw new ClientError('untrusted_answer')
  return {
    ...(await loadReachability(context)),
    record,
    statement,
    picture,
    boxVersions: { keys: keyBoxVersion, contacts: 0 },
    keysSince: await keysSince(published, record),
    replaced: false,
  }
}

/** When the keys in use replaced others; null when they are the first. */
async function keysSince({ pastRecords }: PublishedAccount, current: AccountRecord) {
  const verified = await Promise.all(
    pastRecords.map((past) => verifyRecord(past).catch(() => null)),
  )
  const records = verified.filter((record) => record !== null)
  const isInUse = ({ identityKey }: AccountRecord) => identityKey === current.identityKey
  if (records.every(isInUse)) return null
  return Math.min(...[current, ...records.filter(isInUse)].map(({ issuedAt }) => issuedAt))
}

/** A new password cannot open the old wrap, which went when it was set. */
async function missingPasswordWrap(
  context: AccountContext,
  rootSecret: RootSecret,
  wraps: readonly Wrap[],
): Promise<Upload[]> {
  const exportKey = await loadExportKey(context)
  if (!exportKey) return []
  const opener = { kind: 'password', exportKey } as const
  if (await tryOpener(context, wraps, opener)) return []
  const { accountId } = context.state.login()
  return [{ kind: 'wrap', wrap: await wrapRootSecret(rootSecret, opener, accountId) }]
}

/** Gives this device another id and key, after its enrolment has ended. */
export async function enrolAnew(context: AccountContext): Promise<void> {
  const { state, storage } = context
  const { keys } = state.memory
  if (!keys) throw new ClientError('unauthenticated')
  const device = await generateDeviceKey({ extractable: !storage.keepsPrivateKeys })
  const uploads = [await signOwnCredential(context, keys, device)]
  await state.save({ device }, [put(UPLOADS, uploads)])
}
