import type { AccountId } from '@sotto/wire'
import { decodeBase64url, encodeBase64url } from '../base64url.ts'
import { sha256 } from '../bytes.ts'
import { contextOf } from '../hkdf.ts'

/**
 * Names the person a message was written to: one account under one identity key (PROTOCOL.md §6.2). It
 * travels inside the content, so every reader knows which key the writer had in mind, whatever the
 * server says about accounts and keys. `identityKey` is base64url of the raw Ed25519 key.
 */
export async function recipientTag(account: AccountId, identityKey: string): Promise<string> {
  const tag = await sha256(contextOf('recipient', account, decodeBase64url(identityKey)))
  return encodeBase64url(tag)
}
