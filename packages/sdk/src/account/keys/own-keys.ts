import {
  type AccountKeys,
  encodeBase64url,
  type KeyBox,
  keysOf,
  openKeyBox,
  publicKeysOf,
  sealKeyBox,
  withKeysOf,
} from '@sotto/crypto'
import type { AccountRecord, SealedBox } from '@sotto/wire'
import { ClientError } from '../../api/errors.ts'
import { put } from '../../storage/record-kind.ts'
import type { Own } from '../../storage/records/account.ts'
import { KEY_BOX } from '../../storage/records/keys.ts'
import type { AccountContext } from '../state/account-context.ts'
import { findBox, versionAfter } from '../state/own-answers.ts'
import { putBox } from '../state/signed-writes.ts'

/** Our account's private keys, in their box on the server. */

/** Opens our key box. One that doesn't open under our root secret isn't ours. */
export async function openOwnBox(...box: Parameters<typeof openKeyBox>): Promise<KeyBox> {
  try {
    return await openKeyBox(...box)
  } catch (cause) {
    throw new ClientError('untrusted_answer', undefined, { cause })
  }
}

/** Whether our key box holds the public keys of a record. */
export function hasKeys(record: AccountRecord, keys: AccountKeys): boolean {
  const { identityKey, ecdhKey } = publicKeysOf(keys)
  // A device may have stopped between storing a new RSA key and publishing it.
  const isRsaRight =
    record.rsaKey === null ||
    keys.rsa.some(({ publicKey }) => encodeBase64url(publicKey) === record.rsaKey)
  return record.identityKey === identityKey && record.ecdhKey === ecdhKey && isRsaRight
}

/** Opens the newest box. Throws `untrusted_answer` if it's older than the version we know. */
export async function loadKeyBox(
  context: AccountContext,
): Promise<{ keyBox: KeyBox; version: number }> {
  const { state } = context
  const { accountId, own } = state.me()
  const sealed = await findBox(context, 'keys')
  const least = Math.max(own.boxVersions.keys, own.manifest.boxes.keys)
  if (!sealed || sealed.version < least) throw new ClientError('untrusted_answer')
  const keyBox = await openOwnBox(await state.rootSecret(), accountId, sealed)
  await context.storage.write([put(KEY_BOX, sealed)])
  return { keyBox, version: sealed.version }
}

/**
 * Stores `version` of the box on the server and here. Throws `stale_version` if another device was faster. `after` is
 * the server's version that it follows.
 */
export async function storeKeyBox(
  context: AccountContext,
  keyBox: KeyBox,
  version: number,
  after: number,
): Promise<void> {
  const { state } = context
  const { accountId } = state.me()
  const sealed = await sealKeyBox(await state.rootSecret(), accountId, version, keyBox)
  await storeSealed(context, sealed, await keysOf(keyBox), after)
}

async function storeSealed(
  context: AccountContext,
  sealed: SealedBox,
  keys: AccountKeys,
  after: number,
) {
  const { state, authorized: call } = context
  await putBox({ state, call }, 'keys', sealed, after)
  await keepSealed(context, sealed, keys)
}

async function keepSealed(context: AccountContext, sealed: SealedBox, keys: AccountKeys) {
  await context.storage.write([put(KEY_BOX, sealed)])
  await keepKeys(context, keys, sealed.version)
}

/**
 * Merges our key box with the one on a restored server, where another device of the account may have stored something
 * else. The keys of the higher version come first; the server's win a tie. If that box lacks any of the other's keys,
 * all of them are stored as the version after both. A box of former keys doesn't open and is replaced.
 */
export async function joinKeyBox(
  context: AccountContext,
  known: SealedBox,
  shown: SealedBox,
): Promise<void> {
  const { state } = context
  await context.inTurn.keyBox(async () => {
    const rootSecret = await state.rootSecret()
    const { accountId, own } = state.me()
    const ours = await openOwnBox(rootSecret, accountId, known)
    const published = await unlessOfFormerKeys(own, openOwnBox(rootSecret, accountId, shown))
    const next = versionAfter(known.version, shown.version)
    if (!published) return storeKeyBox(context, ours, next, shown.version)
    const isOlder = shown.version < known.version
    const newest = isOlder ? ours : published
    const joined = withKeysOf(newest, isOlder ? published : ours)
    const keys = await keysOf(joined)
    if (publicKeysOf(keys).identityKey !== own.record.identityKey) {
      throw new ClientError('untrusted_answer')
    }
    if (hasMore(keys, await keysOf(newest))) {
      return storeKeyBox(context, joined, next, shown.version)
    }
    if (isOlder) await storeSealed(context, known, keys, shown.version)
    else await keepSealed(context, shown, keys)
  })
}

function hasMore(keys: AccountKeys, before: AccountKeys): boolean {
  return keys.rsa.length > before.rsa.length || keys.ecdh.length > before.ecdh.length
}

/**
 * The contents of a box on a restored server. Undefined if it doesn't open but may be honest: the account has former
 * keys, and a device that knows only those may have written it.
 */
export async function unlessOfFormerKeys<Opened>(
  { formerIdentityKeys = [] }: Own,
  opening: Promise<Opened> | null,
): Promise<Opened | undefined> {
  if (!opening) return undefined
  return formerIdentityKeys.length > 0 ? opening.catch(() => undefined) : opening
}

/** Adopts the keys in this version of the box. */
export async function keepKeys({ state }: AccountContext, keys: AccountKeys, version: number) {
  await state.updateOwn((own) => ({
    ...own,
    boxVersions: { ...own.boxVersions, keys: version },
  }))
  await state.save({ keys })
}
