import {
  type AccountId,
  AccountId as AccountIdSchema,
  Bytes32,
  MAX_FORMER_KEYS,
  type SealedBox,
} from '@sotto/wire'
import { z } from 'zod'
import { utf8 } from '../bytes.ts'
import { orDecryptError } from '../errors.ts'
import { parseStrictJson } from '../strict-json.ts'
import { openBox, sealBox } from './boxes.ts'
import { FormerKey } from './former-key.ts'
import type { RootSecret } from './root-secret.ts'

/** What an account remembers about a contact. */
export const Pin = z.strictObject({
  account: AccountIdSchema,
  identityKey: Bytes32,
  /** The newest version of the contact's record that was seen. */
  recordVersion: z.int().nonnegative(),
  /** Whether the safety number was compared. */
  verified: z.boolean(),
  /** The keys before this one, latest first. */
  former: z.array(FormerKey).max(MAX_FORMER_KEYS),
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
