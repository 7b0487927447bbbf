import type { ConversationId } from '@sotto/wire'
import { type Bytes, concat, utf8 } from '../bytes.ts'
import { type Content, decodeContent, encodeContent, type OutgoingContent } from '../content.ts'
import { DecryptError } from '../errors.ts'
import { contextOf } from '../hkdf.ts'
import type { DeviceKeyPair } from '../identity/device-key.ts'
import { signEd25519, verifyEd25519 } from '../identity/ed25519.ts'
import { decryptRsa } from './decrypt.ts'
import { encryptRsa } from './encrypt.ts'
import type { RsaKeyPair, RsaPublicKey } from './key-pair.ts'

/**
 * Anyone can encrypt to a public key, so the sending device signs the content (PROTOCOL.md §8). The
 * content names conversation, message, sender and recipients, so that no one can pass it off as
 * their own message or as a message to a different person.
 */

const SIGNATURE_BYTES = 64
const CONTEXT = concat(utf8('sotto/1 rsa content'), new Uint8Array(1))

/**
 * Content → ciphertext of an envelope. `recipients`: the peer's current key, then the sender's own.
 */
export async function sealMessageRsa(
  device: DeviceKeyPair,
  content: OutgoingContent,
  recipients: readonly RsaPublicKey[],
): Promise<string> {
  const encoded = encodeContent({ ...content, recipients: recipients.map(({ kid }) => kid) })
  const signature = await signEd25519(device.privateKey, concat(CONTEXT, encoded))
  return encryptRsa(concat(signature, encoded), recipients, contextFor(content.conversation))
}

/** What the reader must know before it opens a message. */
export interface RsaReader {
  /** The conversation from which the envelope was requested. */
  readonly conversation: ConversationId
  readonly keys: readonly RsaKeyPair[]
  /** Raw Ed25519, from the verified credential of the sending device. */
  readonly devicePublicKey: Bytes
  /** The `kid`s of every RSA key that the recipient's account has published. */
  readonly recipientKids: ReadonlySet<string>
  /** The same for the sender's account. */
  readonly senderKids: ReadonlySet<string>
}

/**
 * Ciphertext → content, provided that the sending device signed it for exactly two keys: one of the
 * recipient, then one of the sender. The caller must compare the ids in the content with those of
 * the envelope. Throws `DecryptError`.
 */
export async function openMessageRsa(reader: RsaReader, ciphertext: string): Promise<Content> {
  const { conversation, keys, devicePublicKey, recipientKids, senderKids } = reader
  const { plaintext, recipients } = await decryptRsa(keys, ciphertext, contextFor(conversation))
  const signature = plaintext.subarray(0, SIGNATURE_BYTES)
  const encoded = plaintext.subarray(SIGNATURE_BYTES)
  if (!(await verifyEd25519(devicePublicKey, signature, concat(CONTEXT, encoded)))) {
    throw new DecryptError()
  }
  const content = decodeContent(encoded)
  const [recipient = '', sender = '', ...others] = recipients
  const isForBoth = recipientKids.has(recipient) && senderKids.has(sender) && others.length === 0
  if (!isForBoth || content.recipients.join() !== recipients.join()) throw new DecryptError()
  return content
}

/**
 * The additional data of every message in a conversation. It prevents the JWE from opening in any
 * other conversation.
 */
function contextFor(conversation: ConversationId): Bytes {
  return contextOf('rsa message', conversation)
}
