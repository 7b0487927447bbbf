import { type Content, decodeContent, encodeContent, type OutgoingContent } from '../content.ts'
import { DecryptError } from '../errors.ts'
import { decryptEcdh } from './decrypt.ts'
import { encryptEcdh } from './encrypt.ts'
import type { PairwiseKey, PairwiseKeys } from './pairwise-keys.ts'

/** Content → ciphertext of an envelope. */
export async function sealMessageEcdh(
  keys: PairwiseKeys,
  content: OutgoingContent,
): Promise<string> {
  // The list of recipients is empty: the keys belong to exactly two accounts.
  return encryptEcdh(keys, encodeContent({ ...content, recipients: [] }))
}

/**
 * Ciphertext → content, with the key for its direction: `receiving` for the peer's messages,
 * `sending` for the account's own. The caller must compare the ids in the content with those of the
 * envelope. Throws `DecryptError`.
 */
export async function openMessageEcdh(key: PairwiseKey, ciphertext: string): Promise<Content> {
  const content = decodeContent(await decryptEcdh(key, ciphertext))
  if (content.recipients.length > 0) throw new DecryptError()
  return content
}
