import { z } from 'zod'
import { MAX_SEALED_BOX_CHARS } from './limits.ts'
import { base64url, Version } from './text.ts'

/** The boxes that an account stores under its root secret: its private keys and its pinned contacts. */
export const BoxName = z.enum(['keys', 'contacts'])
export type BoxName = z.infer<typeof BoxName>

/** A box, encrypted under the root secret. Clients increase `version` by one with each write. */
export const SealedBox = z.strictObject({
  version: Version,
  ciphertext: base64url(MAX_SEALED_BOX_CHARS).min(1),
})
export type SealedBox = z.infer<typeof SealedBox>
