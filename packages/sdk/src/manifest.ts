import { hashWrap, type IdentityKeyPair, signManifest, verifyManifest } from '@sotto/crypto'
import { authRequests, chatRequests, type Manifest, type Wrap } from '@sotto/wire'
import type { AccountContext } from './account-context.ts'
import { askAuth } from './ask-auth.ts'
import { ClientError } from './errors.ts'
import { versionAfter } from './own-answers.ts'
import { againIfStale } from './retrying.ts'
import type { Own, OwnManifest } from './stored.ts'

/**
 * The manifest names the newest version of everything that the account keeps on the server (PROTOCOL.md
 * §1.3). Each device checks what it is given against it, and signs the next one when it has written
 * something.
 */

/** The manifest of the own account as the server has it, verified under `identityKey`. */
export async function findManifest(
  context: AccountContext,
  identityKey: string,
): Promise<OwnManifest | undefined> {
  return verifyOwnManifest(context, await findManifestStatement(context), identityKey)
}

/** The same, before it is known which key must have signed it. */
export async function findManifestStatement({ authorized }: AccountContext) {
  return (await authorized(chatRequests.getManifest, {})).manifest
}

/** Verifies what the server gave as the own manifest. Throws `untrusted_answer`. */
export async function verifyOwnManifest(
  { state }: AccountContext,
  statement: string | null,
  identityKey: string,
): Promise<OwnManifest | undefined> {
  if (statement === null) return undefined
  const manifest = await verifyManifest(statement, identityKey).catch(() => undefined)
  if (manifest?.account !== state.login().accountId) throw new ClientError('untrusted_answer')
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
  const fields = { version, record: record.version, boxes: boxVersions }
  return sign(context, identity, { ...fields, wraps: await hashesOf(wraps) })
}

/** Publishes what the own manifest says as the version after it, and after one that former keys have signed. */
export async function publishManifestAfter(
  context: AccountContext,
  { version: former }: OwnManifest,
): Promise<void> {
  const { version, record, boxes, wraps } = context.state.me().own.manifest
  const next = versionAfter(version, former)
  const manifest = await publish(context, { version: next, record, boxes, wraps })
  await context.state.updateOwn((before) => ({ ...before, manifest }))
}

/**
 * Takes over a newer manifest of another own device, and publishes the next one when this device has
 * written something that it does not name. Throws `untrusted_answer` when the server shows an older
 * manifest, or another one of the same version.
 */
export async function syncManifest(context: AccountContext): Promise<void> {
  const seen: Wrap[] = []
  await context.inTurn.manifest(() => againIfStale(() => syncOnce(context, seen)))
}

/** `seen` gets the wraps that the server had: one that this device has overwritten may be the one that counts. */
async function syncOnce(context: AccountContext, seen: Wrap[]): Promise<void> {
  const { state } = context
  const { own } = state.me()
  const shown = await findManifest(context, own.record.identityKey)
  if (!shown || isOlder(shown, own.manifest)) throw new ClientError('untrusted_answer')
  if (shown.version > own.manifest.version || lacksWraps(own)) {
    await adoptManifest(context, shown, { seen })
    if (await putBackWraps(context, seen)) return syncOnce(context, seen)
  }
  const { own: adopted } = state.me()
  const next = await nextManifest(adopted)
  if (!next) return
  // The server may have lost them in between; it gets them before the manifest that names them.
  if (adopted.hasNewWraps && !(await putNewWraps(context, adopted.wraps, seen))) return
  const manifest = await publish(context, next)
  await state.updateOwn((before) => ({
    ...before,
    manifest,
    replacedWraps: withReplaced(before, manifest),
    // A wrap may have been made in the meantime, which this manifest does not name.
    hasNewWraps: before.hasNewWraps && before.wraps !== adopted.wraps,
  }))
  // Another own device may have put its own there in between.
  if (adopted.hasNewWraps && (await putBackWraps(context, seen))) await syncOnce(context, seen)
}

/** Whether the server took all of them. `seen` gets those that were there before. */
async function putNewWraps(
  context: AccountContext,
  wraps: readonly Wrap[],
  seen: Wrap[],
): Promise<boolean> {
  const listed = await askAuth(context, authRequests.listWraps, {})
  if (!listed) return false
  seen.push(...listed.wraps)
  return putWraps(context, wraps)
}

/**
 * Puts back each named wrap that the server does not have and that is here or in `seen`, to which those are
 * added that it has. One by one, because another own device may be putting back the others. If the auth
 * service does not know the session, it is done after the next log-in. Whether another manifest was
 * published in between: it may name a wrap that was overwritten here.
 */
export async function putBackWraps(context: AccountContext, seen: Wrap[]): Promise<boolean> {
  const listed = await askAuth(context, authRequests.listWraps, {})
  seen.push(...(listed?.wraps ?? []))
  const { manifest, wraps } = context.state.me().own
  const there = await wrapsNamedIn(manifest, listed?.wraps ?? [])
  const known = await wrapsNamedIn(manifest, [...seen, ...wraps])
  const lacking = known.filter(({ kind }) => !there.some((wrap) => wrap.kind === kind))
  if (!(await putWraps(context, lacking))) {
    await context.state.updateOwn((own) => ({ ...own, hasNewWraps: true }))
    return false
  }
  if (lacking.length === 0) return false
  const shown = await findManifest(context, context.state.me().own.record.identityKey)
  return shown !== undefined && shown.version > manifest.version
}

async function publish(context: AccountContext, fields: Unsigned): Promise<OwnManifest> {
  const manifest = await sign(context, context.state.me().keys.identity, fields)
  await context.authorized(chatRequests.putManifest, { body: { manifest: manifest.statement } })
  return manifest
}

/** Puts wraps in the place of those of their kinds. Whether the auth service took all of them. */
async function putWraps(context: AccountContext, wraps: readonly Wrap[]): Promise<boolean> {
  for (const { kind, ciphertext } of wraps) {
    const params = { kind }
    if (!(await askAuth(context, authRequests.putWrap, { params, body: { ciphertext } })))
      return false
  }
  return true
}

/**
 * Whether bytes of a wrap are not here: the server hid them, or the auth service did not know the session.
 * Only a device that holds them can put them back when a restored server has lost them.
 */
function lacksWraps({ manifest, wraps }: Own): boolean {
  const named = Object.entries(manifest.wraps).filter(([, hash]) => hash !== null)
  return named.some(([kind]) => !wraps.some((wrap) => wrap.kind === kind))
}

function isOlder(shown: OwnManifest, known: OwnManifest): boolean {
  return shown.version <= known.version && shown.statement !== known.statement
}

/**
 * Another own device may have renewed a wrap: the newer manifest says which count. One that names a wrap which
 * was replaced is from a device that does not know that: the server has lost it. The next one names the
 * wrap that is here again. While a restored server is mended nobody can say which of two wraps came later.
 */
export async function adoptManifest(
  context: AccountContext,
  manifest: OwnManifest,
  { isRestoring = false, seen = [] }: { isRestoring?: boolean; seen?: readonly Wrap[] } = {},
): Promise<void> {
  const listed = await askAuth(context, authRequests.listWraps, {})
  const { own: before } = context.state.me()
  const known = [...(listed?.wraps ?? []), ...seen, ...before.wraps]
  const current = await wrapsNamedIn(manifest, known)
  const told = await wrapsNamedIn(before.manifest, before.wraps)
  const newer = told.filter(({ kind }) => isReplaced(before, manifest.wraps[kind]))
  await context.state.updateOwn((own) => {
    // A wrap that this device has just made counts more than what the newer manifest says.
    const made = own.hasNewWraps ? own.wraps.filter((wrap) => !told.includes(wrap)) : []
    return {
      ...own,
      manifest,
      wraps: [...newer, ...made].reduce(withWrap, current),
      hasNewWraps: own.hasNewWraps || newer.length > 0,
      ...(!isRestoring && { replacedWraps: withReplaced(own, manifest) }),
    }
  })
}

function isReplaced({ replacedWraps = [] }: Own, hash: string | null): boolean {
  return hash !== null && replacedWraps.includes(hash)
}

const MAX_REPLACED = 64

/** The wraps that were replaced before, and those that `next` replaces. */
function withReplaced(own: Own, next: Manifest): readonly string[] {
  const { replacedWraps = [], manifest } = own
  const given = (['password', 'recovery_code'] as const).flatMap((kind) => {
    const hash = manifest.wraps[kind]
    const isGiven = hash !== null && hash !== next.wraps[kind] && !isReplaced(own, next.wraps[kind])
    return isGiven && !replacedWraps.includes(hash) ? [hash] : []
  })
  return [...replacedWraps, ...given].slice(-MAX_REPLACED)
}

/** Those of `wraps` that the manifest names, one of each kind. */
export async function wrapsNamedIn(manifest: Manifest, wraps: readonly Wrap[]): Promise<Wrap[]> {
  const named = new Map<Wrap['kind'], Wrap>()
  for (const wrap of wraps) {
    const hash = await hashWrap(wrap).catch(() => undefined)
    if (hash !== undefined && hash === manifest.wraps[wrap.kind]) named.set(wrap.kind, wrap)
  }
  return [...named.values()]
}

type Unsigned = Omit<Manifest, 'account' | 'issuedAt'>

/** Whether a record or box is here that the manifest does not name yet. */
export function isManifestBehind({ manifest, record, boxVersions }: Own): boolean {
  const { boxes } = manifest
  return (
    record.version > manifest.record ||
    boxVersions.keys > boxes.keys ||
    boxVersions.contacts > boxes.contacts
  )
}

/** What the next manifest says; undefined when the present one says all of it. */
async function nextManifest(own: Own): Promise<Unsigned | undefined> {
  const { manifest, record, boxVersions, wraps, hasNewWraps } = own
  if (!isManifestBehind(own) && !hasNewWraps) return undefined
  return {
    version: manifest.version + 1,
    record: Math.max(manifest.record, record.version),
    boxes: {
      keys: Math.max(manifest.boxes.keys, boxVersions.keys),
      contacts: Math.max(manifest.boxes.contacts, boxVersions.contacts),
    },
    wraps: hasNewWraps ? { ...manifest.wraps, ...(await hashesIn(wraps)) } : manifest.wraps,
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

/** What a first manifest says of its wraps. */
async function hashesOf(wraps: readonly Wrap[]): Promise<Manifest['wraps']> {
  return { password: null, recovery_code: null, ...(await hashesIn(wraps)) }
}

/** Of the kinds that are here: the server may hide the others. */
async function hashesIn(wraps: readonly Wrap[]): Promise<Partial<Manifest['wraps']>> {
  const hashes = wraps.map(async (wrap) => [wrap.kind, await hashWrap(wrap)])
  return Object.fromEntries(await Promise.all(hashes))
}

/** The own account with a wrap that this device has just made and that no manifest names yet. */
export function withNewWrap(own: Own, wrap: Wrap): Own {
  return { ...own, wraps: withWrap(own.wraps, wrap), hasNewWraps: true }
}

/** The wraps after one of them was made anew. */
function withWrap(wraps: readonly Wrap[], wrap: Wrap): Wrap[] {
  return [...wraps.filter(({ kind }) => kind !== wrap.kind), wrap]
}

/** The wraps with those of `more` whose kind is not among them. */
export function withMissing(wraps: readonly Wrap[], more: readonly Wrap[]): Wrap[] {
  const isHere = ({ kind }: Wrap) => wraps.some((wrap) => wrap.kind === kind)
  return [...wraps, ...more.filter((wrap) => !isHere(wrap))]
}
