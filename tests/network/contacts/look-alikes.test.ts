import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'
import type { Person } from '../people.ts'

const looksLike = (person: Person, other: Person) => person.contact(other)?.looksLike

test("a request under a known contact's name is flagged, on this device only", async () => {
  await using network = await TestNetwork.start()
  const [alice, bob, mallory] = await network.people('alice', 'bob', 'Воb')
  await alice.startConversation(bob)
  expect(looksLike(alice, bob)).toBeNull()

  const id = await mallory.commands.startConversation(alice.accountId, 'ecdh')
  await mallory.send(id, 'it is me')

  const request = await alice.device.conversation(
    id,
    ({ participants: [other] }) => other?.looksLike !== null,
  )
  expect(request.participants[0]).toMatchObject({ name: 'Воb', looksLike: 'bob' })

  await alice.commands.answerRequest(id, 'accepted')

  const open = await alice.device.conversation(id, ({ state }) => state === 'open')
  expect(open.participants[0]?.looksLike).toBe('bob')
  // Bob was known before, and is not flagged because of a later contact.
  expect(looksLike(alice, bob)).toBeNull()
})

test('reports a known contact who adopts the name of another contact', async () => {
  await using network = await TestNetwork.start()
  const [alice, mallory, bob] = await network.people('alice', 'mallory', 'bob')
  const id = await alice.startConversation(mallory)
  await alice.startConversation(bob)

  await mallory.commands.updateProfile({ name: 'B0b', picture: null })

  const renamed = await alice.device.conversation(
    id,
    ({ participants: [other] }) => other?.looksLike !== null,
  )
  expect(renamed.participants[0]).toMatchObject({ name: 'B0b', looksLike: 'bob' })
  expect(looksLike(alice, bob)).toBeNull()
})

test('a verified contact resembles no one', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob, other] = await network.people('alice', 'bob', 'Bob')
  await alice.startConversation(bob)
  const id = await alice.startConversation(other)
  await alice.device.conversation(id, ({ participants: [other] }) => other?.looksLike === 'bob')

  const { digits } = await alice.commands.safetyNumber(other.accountId)
  await alice.commands.setVerified(other.accountId, true, digits)

  await alice.device.conversation(id, ({ participants: [other] }) => other?.trust === 'verified')
  expect(looksLike(alice, other)).toBeNull()
})

test('a new device flags both, because it saw neither of them first', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob, other] = await network.people('alice', 'bob', 'Bob')
  const first = await alice.startConversation(bob)
  const second = await alice.startConversation(other)

  const phone = await alice.addDevice()

  await phone.conversation(first, ({ participants: [other] }) => other?.looksLike === 'Bob')
  await phone.conversation(second, ({ participants: [other] }) => other?.looksLike === 'bob')
})
