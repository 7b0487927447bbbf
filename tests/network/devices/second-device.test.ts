import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'
import { storedValue } from '../stored-value.ts'

test.each(['ecdh', 'rsa'] as const)(
  'a second device reads the whole history, from both sides (%s)',
  async (protocol) => {
    await using network = await TestNetwork.start()
    const alice = await network.person('alice', { withRsa: true })
    const bob = await network.person('bob', { withRsa: true })
    const id = await alice.startConversation(bob, protocol)
    const texts: string[] = []
    for (let i = 0; i < 25; i++) {
      for (const person of [alice, bob]) {
        texts.push(`${i} of ${person.name}`)
        await person.send(id, `${i} of ${person.name}`)
      }
    }

    const second = await alice.addDevice()

    expect(await second.wholeHistory(id, texts.length)).toEqual(texts)
    expect(second.notices(id)).toEqual([])
    expect(second.contact(bob.accountId)).toMatchObject({ name: 'bob', trust: 'unverified' })
  },
)

test("one device's messages are shown on the other as the person's own", async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const second = await alice.addDevice()
  await second.conversation(id)

  await alice.send(id, 'from the first')
  await second.send(id, 'from the second')

  expect((await bob.nextMessage()).text).toBe('from the first')
  expect((await bob.nextMessage()).text).toBe('from the second')
  const copy = await alice.device.message(id, ({ text }) => text === 'from the second')
  expect(copy).toMatchObject({ mine: true, deviceId: second.me().deviceId })
  expect(await second.message(id, ({ text }) => text === 'from the first')).toMatchObject({
    mine: true,
  })
  expect(bob.device.notices(id)).toEqual([])
})

test('a password opens everything on another device, without a recovery code', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { email: 'alice@example.org' })
  const bob = await network.person('bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'hello')
  await alice.device.verify(bob.accountId)

  const second = await alice.addDevice()

  expect(await second.wholeHistory(id, 1)).toEqual(['hello'])
  expect(second.me()).toMatchObject({ name: 'alice', email: 'alice@example.org' })
})

test('a new device starts with the pins of the first one', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  await alice.startConversation(bob)
  await alice.device.verify(bob.accountId)
  const dirty = async () =>
    (await storedValue(alice.device.storage, 'contacts', bob.accountId)) as object
  await expect.poll(dirty).toMatchObject({ dirty: false, verified: true })

  const second = await alice.addDevice()

  await expect.poll(() => second.contact(bob.accountId)?.trust).toBe('verified')
})

test('reading on one device marks as read on the other', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const second = await bob.addDevice()
  for (let i = 0; i < 3; i++) await alice.send(id, `message ${i}`)
  await bob.device.conversation(id, ({ unread }) => unread === 3)
  await second.conversation(id, ({ unread }) => unread === 3)

  await bob.commands.markRead(id)

  await second.conversation(id, ({ unread }) => unread === 0)
  await alice.device.message(id, ({ status }) => status === 'read', 'its message read')
})
