import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'

test('a stranger learns nothing before the request is accepted', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.commands.startConversation(bob.accountId, 'ecdh')
  await alice.send(id, 'may I?')

  const request = await bob.device.conversation(id, ({ unread }) => unread === 1)
  expect(request.state).toBe('request')
  await bob.commands.markRead(id)
  await expect(bob.commands.send(id, 'no')).rejects.toMatchObject({ code: 'request_pending' })
  expect(alice.device.messages(id)[0]?.status).toBe('accepted')
  expect(bob.device.contact(alice.accountId)).toBeUndefined()

  await bob.commands.answerRequest(id, 'accepted')

  await alice.device.message(id, ({ status }) => status === 'read', 'its request read')
  await alice.device.conversation(id, ({ state }) => state === 'open')
})

test('a blocked person is refused, and can write again after unblocking', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'hello')
  await bob.nextMessage()
  await alice.device.message(id, ({ status }) => status === 'delivered')
  await bob.commands.answerRequest(id, 'blocked')
  await bob.device.conversation(id, ({ state }) => state === 'blocked')
  expect((await bob.commands.listBlocked()).map(({ name }) => name)).toEqual(['alice'])

  // Not even a device that reads everything again learns of it.
  await alice.device.close()
  await alice.device.open()
  await alice.device.online()
  await alice.device.conversation(id, ({ state }) => state === 'open')
  await alice.device.message(id, ({ status }) => status === 'delivered')

  const refused = await alice.commands.send(id, 'hello?')
  await alice.device.message(id, ({ failure }) => failure === 'conversation_closed')
  await bob.commands.unblock(alice.accountId)
  await bob.device.conversation(id, ({ state }) => state === 'open')
  await alice.commands.retry(id, refused)

  expect((await bob.nextMessage()).text).toBe('hello?')
  expect(bob.device.notices(id)).toEqual([])
})

test('a discarded message leaves no gap', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await bob.commands.answerRequest(id, 'declined')
  const refused = await alice.commands.send(id, 'never mind')
  await alice.device.message(id, ({ status }) => status === 'failed')

  await alice.commands.discard(id, refused)
  await bob.commands.answerRequest(id, 'accepted')
  await alice.send(id, 'something else')

  expect((await bob.nextMessage()).text).toBe('something else')
  expect(bob.device.notices(id)).toEqual([])
  expect(alice.device.messages(id).map(({ text }) => text)).toEqual(['something else'])
})

test('the same two people and protocol have one conversation', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)

  expect(await alice.commands.startConversation(bob.accountId, 'ecdh')).toBe(id)
  expect(await bob.commands.startConversation(alice.accountId, 'ecdh')).toBe(id)
})

test('people are found by their exact number, by name and in the list', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')

  expect(await alice.commands.findByPhone(bob.phone ?? '')).toMatchObject({ name: 'bob' })
  expect((await alice.commands.listPeople('bo', null)).people).toMatchObject([{ name: 'bob' }])
  await bob.commands.setFindable(false)
  await expect(alice.commands.findByPhone(bob.phone ?? '')).rejects.toMatchObject({
    code: 'account_not_found',
  })
})

test('typing is shown on the other side and ends with the message', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)

  await alice.commands.announceTyping(id)
  await bob.device.conversation(id, ({ typing }) => typing)
  await alice.send(id, 'done')

  await bob.device.conversation(id, ({ typing }) => !typing)
})
