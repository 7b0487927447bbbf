import { hashWrap } from '@sotto/crypto'
import { authRequests, type Manifest, type Wrap } from '@sotto/wire'
import type { Own, OwnManifest } from '../../storage/records/account.ts'
import type { AccountContext } from '../state/account-context.ts'
import { askAuth, asking } from '../state/ask-auth.ts'
import { putAllWraps, putWrap } from '../state/signed-writes.ts'

/**
 * The wraps of the root secret (PROTOCOL.md §3.3). The manifest says which ones count. Every own device keeps
 * their bytes, and puts back what the server does not have.
 */

/** What the server has; undefined when the auth service does not know the session, which says nothing of it. */
async function listWraps(context: AccountContext): Promise<readonly Wrap[] | undefined> {
  const listed = await askAuth(context, authRequests.listWraps, {})
  if (listed) context.seenWraps.add(listed.wraps)
  return listed?.wraps
}

/**
 * Takes the bytes of each wrap that the own manifest names and that is not here, and puts back each that the
 * server does not have. One by one, because another own device may be putting back the others. If the auth
 * service does not know the session, this is done after the next log-in. Returns whether all that was missing is
 * back, and anything was.
 */
export async function keepWraps(context: AccountContext): Promise<boolean> {
  const listed = await listWraps(context)
  if (!listed) return false
  await takeNamedWraps(context)
  const { own } = context.state.me()
  const there = await wrapsNamedIn(own.manifest, listed)
  const named = await wrapsThatCount(own, own.manifest, own.wraps)
  const lacking = named.filter(({ kind }) => !there.some((wrap) => wrap.kind === kind))
  return (await putWraps(context, lacking)) && lacking.length > 0
}

/**
 * Puts the wraps that the own manifest names in the place of all that a restored server has: one that was
 * replaced after the backup works again until then. The bytes of those that are not here are taken from the
 * server first. If the auth service does not know the session, `keepWraps` follows after the next log-in.
 */
export async function replaceWraps(context: AccountContext): Promise<void> {
  if (!(await listWraps(context))) return
  await takeNamedWraps(context)
  const { own } = context.state.me()
  // Also one in whose place a new one was made here, which no manifest names yet.
  const known = [...context.seenWraps.all(), ...own.wraps]
  const named = await wrapsThatCount(own, own.manifest, known)
  if (named.length === 0) return
  await putAllWraps(context, asking(context), named)
}

/** Puts wraps in the place of those of their kinds. Whether the auth service took all of them. */
export async function putWraps(context: AccountContext, wraps: readonly Wrap[]): Promise<boolean> {
  for (const wrap of wraps) {
    if (!(await putWrap(context, asking(context), wrap))) return false
  }
  return true
}

/** Keeps the bytes of wraps that the own manifest names and of whose kind none is here. */
async function takeNamedWraps({ state, seenWraps }: AccountContext): Promise<void> {
  const { own: before } = state.me()
  const isHere = ({ kind }: Wrap) => before.wraps.some((wrap) => wrap.kind === kind)
  const named = await wrapsThatCount(before, before.manifest, seenWraps.all())
  const taken = named.filter((wrap) => !isHere(wrap))
  if (taken.length === 0) return
  await state.updateOwn((own) => ({ ...own, wraps: own.wraps.reduce(withWrap, taken) }))
}

/**
 * Makes another manifest the own one, and decides which wraps count. One that this device has just made
 * counts more than what the manifest says, unless it may have been named and replaced already. So does one that
 * has replaced the wrap which the manifest names: the device that signed it did not know, because the server has
 * lost that. The next manifest names both. While a restored server is mended nobody can say which of two wraps
 * came later, so none counts as replaced.
 */
export async function adoptManifest(
  { state, seenWraps }: AccountContext,
  manifest: OwnManifest,
  { isRestoring = false } = {},
): Promise<void> {
  const { own: before } = state.me()
  if (manifest.statement === before.manifest.statement) return
  const known = [...seenWraps.all(), ...before.wraps]
  const named = await wrapsThatCount(before, manifest, known)
  const told = await wrapsNamedIn(before.manifest, before.wraps)
  const newer = told.filter(
    (wrap) => isReplaced(before, manifest.wraps[wrap.kind]) && !named.includes(wrap),
  )
  await state.updateOwn((own) => {
    const isMade = (wrap: Wrap) => !told.includes(wrap) && !mayBeReplaced(own, wrap, manifest)
    const made = own.hasNewWraps ? own.wraps.filter(isMade) : []
    return {
      ...own,
      manifest,
      wraps: [...newer, ...made].reduce(withWrap, named),
      hasNewWraps: made.length + newer.length > 0,
      isNamingUnsure: false,
      ...(!isRestoring && { replacedWraps: withReplaced(own, manifest) }),
    }
  })
}

/**
 * Whether another own device may have replaced a wrap of this one: a manifest that names it was sent, the
 * answer was lost, and the next one names neither it, nor the one before, nor one that was replaced.
 */
function mayBeReplaced(own: Own, { kind }: Wrap, next: Manifest): boolean {
  const hash = next.wraps[kind]
  return own.isNamingUnsure === true && hash !== own.manifest.wraps[kind] && !isReplaced(own, hash)
}

function isReplaced({ replacedWraps = [] }: Own, hash: string | null): boolean {
  return hash !== null && replacedWraps.includes(hash)
}

const MAX_REPLACED = 64

/** The hashes of the wraps that were replaced before, and of those that `next` replaces. */
export function withReplaced(own: Own, next: Manifest): readonly string[] {
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

/** Whether the password wrap that a manifest names was removed on this device after that. */
export function isRemoved({ removedWrap }: Own, { wraps }: Manifest): boolean {
  return removedWrap !== undefined && removedWrap === wraps.password
}

/** The same as `wrapsNamedIn`, without one that was removed here. */
async function wrapsThatCount(own: Own, manifest: Manifest, wraps: readonly Wrap[]) {
  const named = await wrapsNamedIn(manifest, wraps)
  return isRemoved(own, manifest) ? named.filter(({ kind }) => kind !== 'password') : named
}

/** What a manifest says of these wraps. Of a kind that is not here it says nothing: the server may hide it. */
export async function hashesOf(wraps: readonly Wrap[]): Promise<Partial<Manifest['wraps']>> {
  const hashes = wraps.map(async (wrap) => [wrap.kind, await hashWrap(wrap)])
  return Object.fromEntries(await Promise.all(hashes))
}

/** The own account with a wrap that this device has just made and that no manifest names yet. */
export function withNewWrap(own: Own, wrap: Wrap): Own {
  return { ...own, wraps: withWrap(own.wraps, wrap), hasNewWraps: true, isNamingUnsure: false }
}

/** The own account without the password wrap that the manifest names; the next manifest names none. */
export function withoutPasswordWrap(own: Own): Own {
  const wraps = own.wraps.filter(({ kind }) => kind !== 'password')
  const { password } = own.manifest.wraps
  return { ...own, wraps, ...(password !== null && { removedWrap: password }) }
}

/** The wraps with this one in the place of that of its kind. */
function withWrap(wraps: readonly Wrap[], wrap: Wrap): Wrap[] {
  return [...wraps.filter(({ kind }) => kind !== wrap.kind), wrap]
}
