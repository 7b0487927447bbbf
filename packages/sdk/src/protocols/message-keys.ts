import {
  type Bytes,
  decodeBase64url,
  derivePairwiseKeys,
  encodeBase64url,
  importRsaPublicKey,
  type PairwiseKeys,
  type RsaPublicKey,
  recipientTag,
} from '@sotto/crypto'
import type { AccountId, AccountRecord, ConversationId } from '@sotto/wire'
import type { Me } from '../account/state/account-state.ts'
import { ClientError } from '../api/errors.ts'
import { publicKeysIn } from '../published/published-keys.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'

/**
 * A cache of derived and imported keys, so that a message doesn't cost an ECDH operation or a key import. A stored key
 * that is invalid is skipped, so that it can't keep the others from opening a message.
 */
export interface MessageKeys {
  /** The keys to write with, from the two accounts' current `ecdh` keys. */
  current(conversation: ConversationId, contact: ContactRecord): Promise<PairwiseKeys>
  /**
   * All keys that may open a message, the likeliest first: one for each `ecdh` key under `identityKeys`, with our
   * `ecdh` key that it is derived from.
   */
  all(
    conversation: ConversationId,
    contact: ContactRecord,
    identityKeys: readonly string[],
  ): AsyncIterable<PairwiseKeys & { readonly ownKey: string }>
  rsa(spki: string): Promise<RsaPublicKey>
  /** The `kid` of every RSA key that an account has published under `identityKeys`. */
  rsaKids(contact: ContactRecord, identityKeys: readonly string[]): Promise<ReadonlySet<string>>
  /** The recipient tag for messages to this account under this identity key. */
  recipientTag(account: AccountId, identityKey: string): Promise<string>
}

export function createMessageKeys(me: () => Me): MessageKeys {
  const pairwise = new Map<string, Promise<PairwiseKeys>>()
  const rsaKeys = new Map<string, Promise<RsaPublicKey>>()
  const tags = new Map<string, Promise<string>>()

  const derive = (own: Me['keys']['ecdh'][0], peerKey: string, conversation: ConversationId) => {
    const name = `${conversation} ${toName(own.publicKey)} ${peerKey}`
    return cached(pairwise, name, () =>
      derivePairwiseKeys(own, decodeBase64url(peerKey), conversation),
    )
  }
  const rsa = (spki: string) =>
    cached(rsaKeys, spki, () => importRsaPublicKey(decodeBase64url(spki)))

  return {
    current: (conversation, contact) =>
      derive(me().keys.ecdh[0], currentRecordOf(contact).ecdhKey, conversation),
    async *all(conversation, contact, identityKeys) {
      const peerKeys = publishedKeys(contact, identityKeys).map(({ ecdhKey }) => ecdhKey)
      for (const peerKey of new Set(peerKeys)) {
        for (const own of me().keys.ecdh) {
          const keys = await derive(own, peerKey, conversation).catch(() => undefined)
          if (keys) yield { ...keys, ownKey: encodeBase64url(own.publicKey) }
        }
      }
    },
    rsa,
    async rsaKids(contact, identityKeys) {
      const spkis = publishedKeys(contact, identityKeys).flatMap(({ rsaKey }) => rsaKey ?? [])
      const imported = await Promise.allSettled(spkis.map(rsa))
      return new Set(imported.flatMap((one) => (one.status === 'fulfilled' ? one.value.kid : [])))
    },
    recipientTag: (account, identityKey) =>
      cached(tags, `${account} ${identityKey}`, () => recipientTag(account, identityKey)),
  }
}

/** Caches the promise, and drops it if it rejects. */
function cached<T>(kept: Map<string, Promise<T>>, name: string, make: () => Promise<T>) {
  const known = kept.get(name)
  if (known) return known
  const made = make()
  kept.set(name, made)
  made.catch(() => kept.delete(name))
  return made
}

const names = new WeakMap<Bytes, string>()

function toName(publicKey: Bytes): string {
  const known = names.get(publicKey)
  if (known) return known
  const name = publicKey.join()
  names.set(publicKey, name)
  return name
}

/**
 * The record that messages to a contact are sealed with. It must be under the pinned key: a record under another key
 * waits in `changed`. Throws `key_changed` if there is none.
 */
export function currentRecordOf({ current, identityKey }: ContactRecord): AccountRecord {
  if (current?.record.identityKey !== identityKey) throw new ClientError('key_changed')
  return current.record
}

/** The keys of the current and past records that one of `identityKeys` has signed. */
function publishedKeys({ current }: ContactRecord, identityKeys: readonly string[]) {
  if (!current) return []
  const all = [publicKeysIn(current.record), ...current.pastKeys]
  return all.filter(({ identityKey }) => identityKeys.includes(identityKey))
}
