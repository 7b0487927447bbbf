import { chatRequests, type PublishedAccount } from '@sotto/wire'
import type { Person } from '../person.ts'
import type { TestChat } from '../start-chat.ts'

export const publish = (
  chat: TestChat,
  person: Person,
  record: string,
  picture: string | null = null,
) => chat.call(person, chatRequests.putUser, { body: { record, picture } })

export async function published(
  chat: TestChat,
  person: Person,
  as = person,
): Promise<PublishedAccount> {
  const params = { accountId: person.accountId }
  return (await chat.call(as, chatRequests.getUser, { params })).body
}
