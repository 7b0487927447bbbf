import { type IdentityKeyPair, signManifest, verifyManifest } from '@sotto/crypto'
import { chatRequests, type Manifest } from '@sotto/wire'
import { ClientError, codeOf } from '../../api/errors.ts'
import { againIfStale } from '../../scheduling/retrying.ts'
import type { Own, OwnManifest } from '../../storage/records/account.ts'
import type { AccountContext } from '../state/account-context.ts'
import { versionAfter } from '../state/own-answers.ts'
import { adoptManifest, hashesOf, isRemoved, keepWraps, putWraps, withReplaced } from './wraps.ts'

/**
 * The manifest names the newest version of everything that the account keeps on the server (PROTOCOL.md §1.3). Each
 * device checks the server's answers against it, and signs the next one after it has written something.
 */

/** Our account's manifest on the server, verified under `identityKey`. */
export async function findManifest(
  context: AccountContext,
  identityKey: string,
): Promise<OwnManifest | undefined> {
  return verifyOwnManifest(context, await findManifestStatement(context), identityKey)
}

/** The same, before we know which key must have signed it. */
export async function findManifestStatement({ authorized }: AccountContext) {
  return (await authorized(chatRequests.getManifest, {})).manifest
}

/** Verifies the manifest that the server returned for our account. Throws `untrusted_answer`. */
export async function verifyOwnManifest(
  { state }: AccountContext,
  statement: string | null,
  identityKey: string,
): Promise<OwnManifest | undefined> {
  if (statement === null) return undefined
  const manifest = await verifyManifest(statement, identityKey).catch((cause: unknown) => {
    throw new ClientError('untrusted_answer', undefined, { cause })
  })
  if (manifest.account !== state.login().accountId) throw new ClientError('untrusted_answer')
  return { ...manifest, statement }
}

/** Signs the first manifest of new keys. */
export async function signFirstManifest(
  context: Pick<AccountContext, 'state' | 'now'>,
  identity: IdentityKeyPair,
  own: Pick<Own, 'record' | 'boxVersions' | 'wraps'>,
  version: number,
): Promise<OwnManifest> {
  const { record, boxVersions, wraps } = own
  const hashes = { password: null, recovery_code: null, ...(await hashesOf(wraps)) }
  const fields = { version, record: record.version, boxes: boxVersions, wraps: hashes }
  return sign(context, identity, fields)
}

/** Publishes our manifest's content as the next version, following one that former keys have signed. */
export async function publishManifestAfter(
  context: AccountContext,
  { version: former }: OwnManifest,
): Promise<void> {
  const { version, record, boxes, wraps } = context.state.me().own.manifest
  const next = versionAfter(version, former)
  const manifest = await publish(context, { version: next, record, boxes, wraps }, former)
  await context.state.updateOwn((before) => ({ ...before, manifest }))
}

/**
 * Publishes our manifest after one that former keys signed while they were still in use elsewhere. Throws `refusal` if
 * the server has another one.
 */
export async function followFormerManifest(
  context: AccountContext,
  statement: string | null,
  refusal: unknown,
): Promise<void> {
  const { formerIdentityKeys = [] } = context.state.me().own
  for (const key of formerIdentityKeys) {
    const former = await verifyOwnManifest(context, statement, key).catch(() => undefined)
    if (former) return publishManifestAfter(context, former)
  }
  throw refusal
}

/**
 * Adopts a newer manifest from another device of the account, and publishes the next one if this device has written
 * something that it doesn't name. Throws `untrusted_answer` if the server shows an older manifest, or another one of
 * the same version.
 */
export async function syncManifest(context: AccountContext): Promise<void> {
  await context.inTurn.manifest(() => againIfStale(() => syncOnce(context)))
}

async function syncOnce(context: AccountContext): Promise<void> {
  const { state } = context
  const { own } = state.me()
  const shown = await findManifest(context, own.record.identityKey)
  if (!shown || isOlder(shown, own.manifest)) throw new ClientError('untrusted_answer')
  await adoptManifest(context, shown)
  const { own: adopted } = state.me()
  const next = await nextManifest(adopted)
  // The server may have lost new wraps in the meantime; it gets them before the manifest that names them.
  if (next && (!adopted.hasNewWraps || (await putWraps(context, adopted.wraps)))) {
    await publishNext(context, next, adopted)
  }
  const isOther = shown.statement !== own.manifest.statement
  if (isOther || adopted.hasNewWraps) await keepOnce(context)
}

async function publishNext(context: AccountContext, next: Unsigned, adopted: Own): Promise<void> {
  const { state } = context
  if (adopted.hasNewWraps) await state.updateOwn((own) => ({ ...own, isNamingUnsure: true }))
  const manifest = await publish(context, next).catch(async (error: unknown) => {
    if (codeOf(error) === 'stale_version') {
      await state.updateOwn((own) => ({ ...own, isNamingUnsure: false }))
    }
    throw error
  })
  await state.updateOwn((own) => ({
    ...own,
    manifest,
    replacedWraps: withReplaced(own, manifest),
    // A wrap may have been made in the meantime that this manifest doesn't name.
    hasNewWraps: own.hasNewWraps && own.wraps !== adopted.wraps,
    isNamingUnsure: false,
  }))
}

/** Makes sure that the wraps named in the manifest are both here and on the server. */
export async function keepNamedWraps(context: AccountContext): Promise<void> {
  await context.inTurn.manifest(() => againIfStale(() => keepOnce(context)))
}

async function keepOnce(context: AccountContext): Promise<void> {
  if ((await keepWraps(context)) && (await isOvertaken(context))) await syncOnce(context)
}

/**
 * Whether a later manifest was published while wraps were being restored: it may name one that was overwritten here.
 */
export async function isOvertaken(context: AccountContext): Promise<boolean> {
  const { manifest, record } = context.state.me().own
  const newest = await findManifest(context, record.identityKey)
  return newest !== undefined && newest.version > manifest.version
}

/** `after` is the server's version that this one follows if it skips some. */
async function publish(
  context: AccountContext,
  fields: Unsigned,
  after?: number,
): Promise<OwnManifest> {
  const manifest = await sign(context, context.state.me().keys.identity, fields)
  const body = { manifest: manifest.statement, ...(after !== undefined && { after }) }
  await context.authorized(chatRequests.putManifest, { body })
  return manifest
}

function isOlder(shown: OwnManifest, known: OwnManifest): boolean {
  return shown.version <= known.version && shown.statement !== known.statement
}

type Unsigned = Omit<Manifest, 'account' | 'issuedAt'>

/** Whether this device has a record or box that the manifest doesn't name yet. */
export function isManifestBehind({ manifest, record, boxVersions }: Own): boolean {
  const { boxes } = manifest
  return (
    record.version > manifest.record ||
    boxVersions.keys > boxes.keys ||
    boxVersions.contacts > boxes.contacts
  )
}

/** The content of the next manifest, or undefined if the current one is up to date. */
async function nextManifest(own: Own): Promise<Unsigned | undefined> {
  const { manifest, record, boxVersions, wraps, hasNewWraps } = own
  const isRemoving = isRemoved(own, manifest)
  if (!isManifestBehind(own) && !hasNewWraps && !isRemoving) return undefined
  return {
    version: manifest.version + 1,
    record: Math.max(manifest.record, record.version),
    boxes: {
      keys: Math.max(manifest.boxes.keys, boxVersions.keys),
      contacts: Math.max(manifest.boxes.contacts, boxVersions.contacts),
    },
    wraps: {
      ...manifest.wraps,
      ...(isRemoving && { password: null }),
      ...(hasNewWraps && (await hashesOf(wraps))),
    },
  }
}

async function sign(
  { state, now }: Pick<AccountContext, 'state' | 'now'>,
  identity: IdentityKeyPair,
  fields: Unsigned,
): Promise<OwnManifest> {
  const manifest: Manifest = { account: state.login().accountId, ...fields, issuedAt: now() }
  return { ...manifest, statement: await signManifest(identity, manifest) }
}
