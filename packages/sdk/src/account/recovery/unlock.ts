import {
  type AccountKeys,
  CryptoError,
  generateDeviceKey,
  keysOf,
  type Opener,
  type RootSecret,
  unwrapRootSecret,
  vaultSealRootSecret,
  wrapRootSecret,
} from '@sotto/crypto'
import { type AccountRecord, authRequests, type PublishedAccount, type Wrap } from '@sotto/wire'
import { ClientError } from '../../api/errors.ts'
import { pastRecordsOf, verifyAccount } from '../../published/verify-account.ts'
import { loadCode } from '../../scheduling/load-code.ts'
import { put, remove } from '../../storage/record-kind.ts'
import { type Own, type OwnManifest, UPLOADS, type Upload } from '../../storage/records/account.ts'
import { EXPORT_KEY, KEY_BOX, ROOT_SECRET } from '../../storage/records/keys.ts'
import { signedDevices } from '../devices/own-devices.ts'
import { loadExportKey } from '../keys/device-secrets.ts'
import { findManifestStatement, verifyOwnManifest } from '../keys/manifest.ts'
import { signOwnCredential } from '../keys/own-credential.ts'
import { hasKeys, openOwnBox } from '../keys/own-keys.ts'
import { withNewWrap, wrapsNamedIn } from '../keys/wraps.ts'
import type { AccountContext } from '../state/account-context.ts'
import {
  beginningIn,
  findBox,
  findEra,
  findPublished,
  loadReachability,
} from '../state/own-answers.ts'
import { whenUnlocked } from '../state/stored-stages.ts'

/** The wraps of the root secret on the server. */
async function loadWraps({ authorized }: AccountContext): Promise<Wrap[]> {
  return (await authorized(authRequests.listWraps, {})).wraps
}

/**
 * The root secret, or undefined if there is no wrap of this kind or the opener doesn't fit it. Throws `wrap_damaged` if
 * nothing can open it, in which case the code or password isn't at fault.
 */
export async function tryOpener(
  { state }: AccountContext,
  wraps: readonly Wrap[],
  opener: Opener,
): Promise<RootSecret | undefined> {
  const wrap = wraps.find(({ kind }) => kind === opener.kind)
  if (!wrap) return undefined
  try {
    return await unwrapRootSecret(wrap, opener, state.login().accountId)
  } catch (cause) {
    const isDamaged = cause instanceof CryptoError && cause.code === 'bad_wrap'
    if (isDamaged) throw new ClientError('wrap_damaged', undefined, { cause })
    return undefined
  }
}

/** The server's answers about an account whose keys are about to be opened. */
export interface ShownAccount {
  /** The server's era before the rest was read. */
  readonly era: string
  readonly published: PublishedAccount
  readonly record: AccountRecord
  /** Signed by the identity key in the record. */
  readonly manifest: OwnManifest | undefined
  readonly wraps: readonly Wrap[]
}

/** Whether the manifest names the server's wrap of this kind. */
export async function isNamed(
  kind: Opener['kind'],
  { manifest, wraps }: ShownAccount,
): Promise<boolean> {
  const named = manifest ? await wrapsNamedIn(manifest, wraps) : []
  return named.some((wrap) => wrap.kind === kind)
}

/** Reads our account from the server; undefined before it has published anything. */
export async function findShownAccount(context: AccountContext): Promise<ShownAccount | undefined> {
  const era = await findEra(context)
  // Before the rest, so that everything read afterwards is at least as new as the manifest says.
  const statement = await findManifestStatement(context)
  const published = await findPublished(context)
  if (!published) return undefined
  const { record } = await verifyAccount(published, published.accountId)
  // Without a manifest signed by this key, `unlock` refuses; the rest may still be used.
  const manifest = await verifyOwnManifest(context, statement, record.identityKey).catch(
    () => undefined,
  )
  return { era, published, record, manifest, wraps: await loadWraps(context) }
}

/**
 * Opens this account's keys on a device that has none, enrolls the device, and makes the password wrap if it is
 * missing. Everything is stored in one step, together with the list of uploads.
 *
 * The server can't open the key box, so the record must hold those keys, and the manifest signed by them must not name
 * anything newer than what the server shows. Throws `untrusted_answer` otherwise: old boxes, wraps or records are as
 * bad as forged ones.
 */
export async function unlock(
  context: AccountContext,
  rootSecret: RootSecret,
  opener: Opener['kind'],
  shown: ShownAccount,
): Promise<void> {
  const { state, storage } = context
  const { accountId } = state.login()
  const sealedKeys = await findBox(context, 'keys')
  if (!sealedKeys) throw new ClientError('untrusted_answer')
  const keys = await keysOf(await openOwnBox(rootSecret, accountId, sealedKeys))
  const own = await ownFrom(context, shown, { keys, rootSecret, keyBoxVersion: sealedKeys.version })
  // A replaced wrap opens the same secret, but the old code must no longer work.
  if (!own.wraps.some(({ kind }) => kind === opener)) throw new ClientError('untrusted_answer')
  const device = await generateDeviceKey({ extractable: !storage.keepsPrivateKeys })
  const exportKey = await loadExportKey(context)
  const password =
    exportKey && (await missingPasswordWrap(context, { rootSecret, exportKey, wraps: own.wraps }))
  const uploads: Upload[] = [
    ...(password ? [{ kind: 'wrap', wrap: password } as const] : []),
    await signOwnCredential(context, { keys, rootSecret, device }),
  ]
  const kept = password ? withNewWrap(own, password) : own
  const changes = { login: whenUnlocked, own: kept, keys, device, pendingCode: undefined }
  await state.move({ stage: 'unlock' }, changes, [
    put(UPLOADS, uploads),
    put(ROOT_SECRET, await vaultSealRootSecret(await state.vault(), accountId, rootSecret)),
    put(KEY_BOX, sealedKeys),
    ...(await beginningIn(context, shown.era)),
    remove(EXPORT_KEY),
  ])
}

/** The contents of the key box. */
interface OpenedKeys {
  readonly keys: AccountKeys
  readonly rootSecret: RootSecret
  readonly keyBoxVersion: number
}

async function ownFrom(
  context: AccountContext,
  { published, record, manifest, wraps }: ShownAccount,
  { keys, rootSecret, keyBoxVersion }: OpenedKeys,
): Promise<Own> {
  const { identityKey } = record
  const isCurrent =
    manifest !== undefined &&
    record.version >= manifest.record &&
    keyBoxVersion >= manifest.boxes.keys
  if (!hasKeys(record, keys) || !isCurrent) throw new ClientError('untrusted_answer')
  const devices = await signedDevices(published, { identityKey, rootSecret })
  return {
    ...(await loadReachability(context)),
    record,
    statement: published.record,
    picture: published.picture,
    boxVersions: { keys: keyBoxVersion, contacts: 0 },
    manifest,
    wraps: await wrapsNamedIn(manifest, wraps),
    hasNewWraps: false,
    ...(await formerKeys(published, record)),
    ...(await successionsOf(published, record)),
    knownDevices: devices.map((device) => ({ ...device, isNew: false })),
    replaced: false,
  }
}

/** When the current keys replaced others, and which ones; null if they are the first. */
async function formerKeys({ pastRecords }: PublishedAccount, current: AccountRecord) {
  const records = await pastRecordsOf(current.account, pastRecords)
  const isInUse = ({ identityKey }: AccountRecord) => identityKey === current.identityKey
  const former = records.filter((record) => !isInUse(record))
  if (former.length === 0) return { keysSince: null, formerIdentityKeys: [] }
  const since = [current, ...records.filter(isInUse)].map(({ issuedAt }) => issuedAt)
  return {
    keysSince: Math.min(...since),
    formerIdentityKeys: [...new Set(former.map(({ identityKey }) => identityKey))],
  }
}

async function successionsOf(published: PublishedAccount, { identityKey }: AccountRecord) {
  if (!published.successions) return {}
  const { successionsTo } = await loadCode(() => import('../../published/successions.ts'))
  const successions = await successionsTo(identityKey, published)
  return successions.length > 0 ? { successions } : {}
}

/** The wrap for a password that opens none of `wraps`, which means that it is new. */
export async function missingPasswordWrap(
  context: AccountContext,
  {
    rootSecret,
    exportKey,
    wraps,
  }: {
    readonly rootSecret: RootSecret
    readonly exportKey: Uint8Array<ArrayBuffer>
    readonly wraps: readonly Wrap[]
  },
): Promise<Wrap | undefined> {
  const opener = { kind: 'password', exportKey } as const
  if (await tryOpener(context, wraps, opener)) return undefined
  return wrapRootSecret(rootSecret, opener, context.state.login().accountId)
}

/** Enrolls this device, with a new device key if it has none for its id. */
export async function enrollAnew(context: AccountContext): Promise<void> {
  const { state, storage } = context
  const { keys, device: known } = state.memory
  if (!keys) throw new ClientError('unauthenticated')
  const device = known ?? (await generateDeviceKey({ extractable: !storage.keepsPrivateKeys }))
  const rootSecret = await state.rootSecret()
  const uploads = [await signOwnCredential(context, { keys, rootSecret, device })]
  await state.save({ device }, [put(UPLOADS, uploads)])
}
