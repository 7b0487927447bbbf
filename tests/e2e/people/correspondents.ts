import type { ConversationId } from '@sotto/wire'
import { eventually } from '../../network/eventually.ts'
import { Person as Correspondent, type PersonOptions } from '../../network/people.ts'
import type { Person } from './person.ts'
import { test as base, expect, freshPhone } from './suite.ts'

interface Fixtures {
  /** Signs up a person who uses the same client in Node, which is faster when their screen doesn't matter. */
  correspondent: (name: string, options?: PersonOptions) => Promise<Correspondent>
}

/** `test` with people who don't use a browser. */
export const test = base.extend<Fixtures>({
  correspondent: async ({ server }, use) => {
    const people: Correspondent[] = []
    const place = {
      origin: server.origin,
      newPhone: freshPhone,
      codeFor: (address: string) => server.codeFor(address),
    }
    await use(async (name, options) => {
      const person = await Correspondent.signUp(place, name, options)
      people.push(person)
      return person
    })
    await Promise.all(people.map((person) => person.leave()))
  },
})

/** Starts a conversation from the browser with a person who accepts it; returns its id. */
export async function converse(
  person: Person,
  other: Correspondent,
  protocol: 'ecdh' | 'rsa' = 'ecdh',
): Promise<ConversationId> {
  await person.startConversation(other.name, protocol)
  const { id } = await eventually('the request', () =>
    other.conversations().find(({ state }) => state === 'request'),
  )
  await other.commands.answerRequest(id, 'accepted')
  await expect(person.page.getByText('hasn’t answered yet')).toBeHidden()
  return id
}

export { expect, freshEmail, freshPhone } from './suite.ts'
