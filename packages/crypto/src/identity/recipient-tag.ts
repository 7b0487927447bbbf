import type { AccountId } from '@sotto/wire'
import { decodeBase64url, encodeBase64url } from '../base64url.ts'
import { sha256 } from '../bytes.ts'
import { contextOf } from '../hkdf.ts'

/**
 * Identifies the intended recipient of a message: one account under one identity key (PROTOCOL.md
 * §6.2). It is part of the content, so every reader knows which key the sender meant, whatever the
 * server says about accounts and keys. `identityKey` is base64url of the raw Ed25519 key.
 */
export async function recipientTag(account: AccountId, identityKey: string): Promise<string> {
  const tag = await sha256(contextOf('recipient', account, decodeBase64url(identityKey)))
  return encodeBase64url(tag)
}
