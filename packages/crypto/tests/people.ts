import { AccountId, ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import { type AccountKeys, createAccountKeys, keysOf, type OutgoingContent } from '../src/index.ts'

/** Two accounts and their messages. */
export const alice = AccountId.parse('a11ce000-0000-4000-8000-000000000001')
export const bob = AccountId.parse('b0b00000-0000-4000-8000-000000000002')
export const conversation = ConversationId.parse('c0000000-0000-4000-8000-000000000003')
export const otherConversation = ConversationId.parse('c0000000-0000-4000-8000-000000000004')
export const device = DeviceId.parse('d0000000-0000-4000-8000-000000000005')

/** Bob's recipient tag under an identity key. */
const toBob = 'Qm9iIHVuZGVyIHNvbWUgaWRlbnRpdHkga2V5LCBoYXM'

/** The keys of a new account. */
export async function newKeys(options = { withRsa: false }): Promise<AccountKeys> {
  return keysOf(await createAccountKeys(options))
}

/** A message from Alice. */
export function contentOf(changes: Partial<OutgoingContent> = {}): OutgoingContent {
  return {
    type: 'text',
    conversation,
    message: EnvelopeId.parse('e0000000-0000-4000-8000-000000000006'),
    account: alice,
    device,
    to: toBob,
    record: 1,
    manifest: 1,
    counter: 1,
    skipped: [],
    sentAt: 1_900_000_000_000,
    text: 'the canary sings at dawn',
    ...changes,
  }
}

/** `text` with a different character at `index`, still base64url. */
export function withOtherCharacter(text: string, index: number): string {
  const replacement = text[index] === 'A' ? 'B' : 'A'
  return text.slice(0, index) + replacement + text.slice(index + 1)
}

/** The distinct outcomes of `attempts`: error codes, or `opened`. */
export async function endsOf(attempts: readonly Promise<unknown>[]): Promise<unknown[]> {
  const settled = await Promise.allSettled(attempts)
  const ends = settled.map((one) => (one.status === 'fulfilled' ? 'opened' : one.reason.code))
  return [...new Set(ends)]
}
