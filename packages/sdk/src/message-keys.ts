import {
  type Bytes,
  decodeBase64url,
  derivePairwiseKeys,
  importRsaPublicKey,
  type PairwiseKeys,
  type RsaPublicKey,
} from '@sotto/crypto'
import type { ConversationId } from '@sotto/wire'
import type { Me } from './account-state.ts'
import type { ContactRecord } from './stored.ts'

/** Derived and imported keys, kept: a message must not cost an ECDH or an import. */
export interface MessageKeys {
  /** The keys to write with: of the two accounts' current `ecdh` keys. */
  current(conversation: ConversationId, contact: ContactRecord): Promise<PairwiseKeys>
  /** All that may open a message, the likeliest first. Former identities' only if asked for. */
  all(
    conversation: ConversationId,
    contact: ContactRecord,
    withFormer: boolean,
  ): AsyncIterable<PairwiseKeys>
  rsa(spki: string): Promise<RsaPublicKey>
}

export function createMessageKeys(me: () => Me): MessageKeys {
  const pairwise = new Map<string, Promise<PairwiseKeys>>()
  const rsaKeys = new Map<string, Promise<RsaPublicKey>>()

  const derive = (own: Me['keys']['ecdh'][0], peerKey: string, conversation: ConversationId) => {
    const name = `${conversation} ${toName(own.publicKey)} ${peerKey}`
    return cached(pairwise, name, () =>
      derivePairwiseKeys(own, decodeBase64url(peerKey), conversation),
    )
  }
  return {
    current: (conversation, contact) =>
      derive(me().keys.ecdh[0], currentKeyOf(contact), conversation),
    async *all(conversation, contact, withFormer) {
      for (const peerKey of ecdhKeysOf(contact, withFormer)) {
        for (const own of me().keys.ecdh) yield derive(own, peerKey, conversation)
      }
    },
    rsa: (spki) => cached(rsaKeys, spki, () => importRsaPublicKey(decodeBase64url(spki))),
  }
}

/** Keeps the promise, and forgets it again when it fails. */
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

function currentKeyOf({ current }: ContactRecord): string {
  if (!current) throw new Error('a contact without a record')
  return current.record.ecdhKey
}

function ecdhKeysOf(contact: ContactRecord, withFormer: boolean): Set<string> {
  const past = contact.current?.pastKeys ?? []
  const allowed = past.filter(
    ({ identityKey }) => withFormer || identityKey === contact.identityKey,
  )
  return new Set([currentKeyOf(contact), ...allowed.map(({ ecdhKey }) => ecdhKey)])
}
