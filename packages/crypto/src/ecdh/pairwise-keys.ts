import type { ConversationId } from '@sotto/wire'
import { type Bytes, sha256 } from '../bytes.ts'
import { contextOf, hkdf, NO_SALT } from '../hkdf.ts'
import { type CompositeKey, importCompositeKey, type KeyUse } from './a256cbc-hs512.ts'
import { type EcdhKeyPair, sharedSecret } from './key-pair.ts'

/** The key for one direction of one conversation. Non-extractable; survives `structuredClone`. */
export interface PairwiseKey extends CompositeKey {
  readonly kind: 'pairwise'
}

/** The keys for the two directions between two accounts in one conversation. */
export interface PairwiseKeys {
  /** Seals this account's messages, and opens them on its other devices. */
  readonly sending: PairwiseKey
  /** Opens the peer's messages. It cannot seal. */
  readonly receiving: PairwiseKey
}

/**
 * Derives the keys of a conversation with the owner of `peerPublicKey` (SPKI, from the peer's
 * verified record). Takes about a millisecond, so keep the result. Throws `bad_public_key`.
 */
export async function derivePairwiseKeys(
  own: EcdhKeyPair,
  peerPublicKey: Bytes,
  conversation: ConversationId,
): Promise<PairwiseKeys> {
  const secret = await sharedSecret(own.privateKey, peerPublicKey)
  const ownHash = await sha256(own.publicKey)
  const peerHash = await sha256(peerPublicKey)

  const derive = async (sender: Bytes, receiver: Bytes, use: KeyUse): Promise<PairwiseKey> => {
    const info = contextOf('ecdh A256CBC-HS512', conversation, sender, receiver)
    const bytes = await hkdf('SHA-512', { secret, salt: NO_SALT, info }, 64)
    return { kind: 'pairwise', ...(await importCompositeKey(bytes, use)) }
  }
  const [sending, receiving] = await Promise.all([
    derive(ownHash, peerHash, 'both'),
    derive(peerHash, ownHash, 'open'),
  ])
  return { sending, receiving }
}
