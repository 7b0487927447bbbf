import { type AccountId, AccountId as AccountIdSchema, type SealedBox } from '@sotto/wire'
import { z } from 'zod'
import { utf8 } from '../bytes.ts'
import { orDecryptError } from '../errors.ts'
import { parseStrictJson } from '../strict-json.ts'
import { openBox, sealBox } from './boxes.ts'
import type { RootSecret } from './root-secret.ts'

/** What an account holds on to about a contact. */
export const Pin = z.strictObject({
  account: AccountIdSchema,
  /** Base64url of the raw Ed25519 key. */
  identityKey: z.string().length(43),
  /** The newest version of the contact's record that was seen. */
  recordVersion: z.int().nonnegative(),
  /** Whether the safety number was compared. */
  verified: z.boolean(),
})
export type Pin = z.infer<typeof Pin>

const Contacts = z.strictObject({ v: z.literal(1), pins: z.array(Pin) })

/** Seals the pinned contacts as `version` of the `contacts` box. */
export async function sealContacts(
  rootSecret: RootSecret,
  account: AccountId,
  version: number,
  pins: readonly Pin[],
): Promise<SealedBox> {
  const plaintext = utf8(JSON.stringify({ v: 1, pins }))
  return sealBox(rootSecret, { account, name: 'contacts' }, version, plaintext)
}

/** The pinned contacts of a `contacts` box. Throws `DecryptError`. */
export async function openContacts(
  rootSecret: RootSecret,
  account: AccountId,
  box: SealedBox,
): Promise<Pin[]> {
  const plaintext = await openBox(rootSecret, { account, name: 'contacts' }, box)
  return orDecryptError(async () => Contacts.parse(parseStrictJson(plaintext)).pins)
}
