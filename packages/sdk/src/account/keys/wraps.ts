import { hashWrap } from '@sotto/crypto'
import { authRequests, type Manifest, type Wrap } from '@sotto/wire'
import type { Own, OwnManifest } from '../../storage/records/account.ts'
import type { AccountContext } from '../state/account-context.ts'
import { askAuth, asking } from '../state/ask-auth.ts'
import { putAllWraps, putWrap } from '../state/signed-writes.ts'

/**
 * The wraps of the root secret (PROTOCOL.md §3.3). The manifest says which ones are valid. Every device of the account
 * keeps their bytes and restores those that the server lacks.
 */

/** The server's wraps, or undefined if the auth service doesn't know the session, which says nothing about them. */
async function listWraps(context: AccountContext): Promise<readonly Wrap[] | undefined> {
  const listed = await askAuth(context, authRequests.listWraps, {})
  if (listed) context.seenWraps.add(listed.wraps)
  return listed?.wraps
}

/**
 * Fetches the bytes of each wrap that our manifest names and this device lacks, and restores each that the server
 * lacks. This is done one by one, because another of our devices may be restoring the others. If the auth service
 * doesn't know the session, it happens after the next log-in. Returns whether something was missing and all of it has
 * been restored.
 */
export async function keepWraps(context: AccountContext): Promise<boolean> {
  const listed = await listWraps(context)
  if (!listed) return false
  await keepNamedWraps(context)
  const { own } = context.state.me()
  const there = await wrapsNamedIn(own.manifest, listed)
  const named = await wrapsThatCount(own, own.manifest, own.wraps)
  const lacking = named.filter(({ kind }) => !there.some((wrap) => wrap.kind === kind))
  return (await putWraps(context, lacking)) && lacking.length > 0
}

/**
 * Replaces all wraps of a restored server with those that our manifest names: until then, a wrap that was replaced
 * after the backup works again. The bytes of those missing here are fetched from the server first. If the auth service
 * doesn't know the session, `keepWraps` follows after the next log-in.
 */
export async function replaceWraps(context: AccountContext): Promise<void> {
  if (!(await listWraps(context))) return
  await keepNamedWraps(context)
  const { own } = context.state.me()
  // Includes a wrap that has a newer replacement here, which no manifest names yet.
  const known = [...context.seenWraps.all(), ...own.wraps]
  const named = await wrapsThatCount(own, own.manifest, known)
  if (named.length === 0) return
  await putAllWraps(context, asking(context), named)
}

/** Replaces the wraps of the same kinds. Returns whether the auth service accepted all of them. */
export async function putWraps(context: AccountContext, wraps: readonly Wrap[]): Promise<boolean> {
  for (const wrap of wraps) {
    if (!(await putWrap(context, asking(context), wrap))) return false
  }
  return true
}

/** Keeps the bytes of wraps that our manifest names, for each kind that is missing here. */
async function keepNamedWraps({ state, seenWraps }: AccountContext): Promise<void> {
  const { own: before } = state.me()
  const isHere = ({ kind }: Wrap) => before.wraps.some((wrap) => wrap.kind === kind)
  const named = await wrapsThatCount(before, before.manifest, seenWraps.all())
  const missing = named.filter((wrap) => !isHere(wrap))
  if (missing.length === 0) return
  await state.updateOwn((own) => ({ ...own, wraps: own.wraps.reduce(withWrap, missing) }))
}

/**
 * Adopts another manifest and decides which wraps are valid. A wrap just made on this device takes precedence over the
 * manifest, unless it may have been named and replaced already. So does a wrap that has replaced the one in the
 * manifest: the device that signed the manifest didn't know, because the server had lost it. The next manifest names
 * both. While a restored server is being repaired, no device can say which of two wraps came later, so none is treated
 * as replaced.
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
 * Whether another of our devices may have replaced a wrap made here: a manifest naming it was sent, the answer got
 * lost, and the next manifest names neither it, nor the previous one, nor one that was replaced.
 */
function mayBeReplaced(own: Own, { kind }: Wrap, next: Manifest): boolean {
  const hash = next.wraps[kind]
  return own.isNamingUnsure === true && hash !== own.manifest.wraps[kind] && !isReplaced(own, hash)
}

function isReplaced({ replacedWraps = [] }: Own, hash: string | null): boolean {
  return hash !== null && replacedWraps.includes(hash)
}

const MAX_REPLACED = 64

/** The hashes of all wraps replaced so far, including those that `next` replaces. */
export function withReplaced(own: Own, next: Manifest): readonly string[] {
  const { replacedWraps = [], manifest } = own
  const given = (['password', 'recovery_code'] as const).flatMap((kind) => {
    const hash = manifest.wraps[kind]
    const isGiven = hash !== null && hash !== next.wraps[kind] && !isReplaced(own, next.wraps[kind])
    return isGiven && !replacedWraps.includes(hash) ? [hash] : []
  })
  return [...replacedWraps, ...given].slice(-MAX_REPLACED)
}

/** The wraps in `wraps` that the manifest names, at most one of each kind. */
export async function wrapsNamedIn(manifest: Manifest, wraps: readonly Wrap[]): Promise<Wrap[]> {
  const named = new Map<Wrap['kind'], Wrap>()
  for (const wrap of wraps) {
    const hash = await hashWrap(wrap).catch(() => undefined)
    if (hash !== undefined && hash === manifest.wraps[wrap.kind]) named.set(wrap.kind, wrap)
  }
  return [...named.values()]
}

/** Whether this device has since removed the password wrap that the manifest names. */
export function isRemoved({ removedWrap }: Own, { wraps }: Manifest): boolean {
  return removedWrap !== undefined && removedWrap === wraps.password
}

/** Like `wrapsNamedIn`, without a password wrap that was removed here. */
async function wrapsThatCount(own: Own, manifest: Manifest, wraps: readonly Wrap[]) {
  const named = await wrapsNamedIn(manifest, wraps)
  return isRemoved(own, manifest) ? named.filter(({ kind }) => kind !== 'password') : named
}

/**
 * The manifest's entries for these wraps. It makes no claim about a kind that is missing here, since the server may be
 * hiding it.
 */
export async function hashesOf(wraps: readonly Wrap[]): Promise<Partial<Manifest['wraps']>> {
  const hashes = wraps.map(async (wrap) => [wrap.kind, await hashWrap(wrap)])
  return Object.fromEntries(await Promise.all(hashes))
}

/** Our account with a wrap that this device has just made and no manifest names yet. */
export function withNewWrap(own: Own, wrap: Wrap): Own {
  return { ...own, wraps: withWrap(own.wraps, wrap), hasNewWraps: true, isNamingUnsure: false }
}

/** Our account without the password wrap in the manifest; the next manifest names none. */
export function withoutPasswordWrap(own: Own): Own {
  const wraps = own.wraps.filter(({ kind }) => kind !== 'password')
  const { password } = own.manifest.wraps
  return { ...own, wraps, ...(password !== null && { removedWrap: password }) }
}

/** Replaces the wrap of the same kind. */
function withWrap(wraps: readonly Wrap[], wrap: Wrap): Wrap[] {
  return [...wraps.filter(({ kind }) => kind !== wrap.kind), wrap]
}
