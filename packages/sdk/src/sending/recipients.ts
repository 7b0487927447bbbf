import type { Contacts } from '../contacts/contacts.ts'
import { type ConversationRecord, othersIn } from '../conversations/conversation-record.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'

/** The other participants of a conversation; undefined unless all of them are known here. */
export function recipientsIn(
  { contacts }: { readonly contacts: Pick<Contacts, 'get'> },
  conversation: ConversationRecord,
): readonly ContactRecord[] | undefined {
  const recipients = othersIn(conversation).map((accountId) => contacts.get(accountId))
  return recipients.every((contact) => contact !== undefined) ? recipients : undefined
}
