import {
  type AccountKeys,
  decodeBase64url,
  decodeContent,
  decryptEcdh,
  decryptRsa,
  derivePairwiseKeys,
  verifyRecord,
} from '@sotto/crypto'
import { ClientFrame, type ConversationId } from '@sotto/wire'
import type { TamperingProxy } from '../network/tampering-proxy.ts'

/** The texts that these private keys can read, out of everything that left devices through the proxy. */
export async function readableWith(
  keys: AccountKeys,
  proxy: TamperingProxy,
  writersRecord: string,
): Promise<string[]> {
  const { ecdhKey } = await verifyRecord(writersRecord)
  const sent = proxy.recorded
    .filter(({ what }) => what === 'frame to the server: send')
    .map(({ text }) => ClientFrame.parse(JSON.parse(text)))
    .flatMap((frame) => (frame.type === 'send' ? frame.envelopes : []))
  const texts = await Promise.all(
    sent.map(async ({ conversationId, ciphertext }) => {
      const asRsa = decryptRsa(keys.rsa, ciphertext, additionalDataOf(conversationId))
      const opened = await asRsa.catch(() => undefined)
      if (opened) return decodeContent(opened.plaintext.subarray(64)).text
      const writer = decodeBase64url(ecdhKey)
      const { receiving } = await derivePairwiseKeys(keys.ecdh[0], writer, conversationId)
      const content = await decryptEcdh(receiving, ciphertext).catch(() => undefined)
      return content && decodeContent(content).text
    }),
  )
  return texts.filter((text) => text !== undefined)
}

/**
 * The additional data of `rsa` messages in a conversation, computed independently (PROTOCOL.md
 * §8.2).
 */
export function additionalDataOf(id: ConversationId): Uint8Array<ArrayBuffer> {
  return new Uint8Array([
    ...new TextEncoder().encode('sotto/1 rsa message\0'),
    ...Buffer.from(id.replaceAll('-', ''), 'hex'),
  ])
}
