import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'

test('messages written offline are sent later, in order, even after a reload', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const texts = Array.from({ length: 40 }, (_, i) => `offline ${i}`)
  await network.stop()

  for (const text of texts) await alice.commands.send(id, text)
  await alice.device.message(id, ({ text }) => text === texts.at(-1))
  expect(alice.device.messages(id).map(({ status }) => status)).toEqual(texts.map(() => 'waiting'))
  await alice.device.close()
  await alice.device.open()
  await alice.device.message(id, ({ text }) => text === texts.at(-1))
  await network.startAgain()

  expect(await bob.device.wholeHistory(id, texts.length)).toEqual(texts)
  expect(bob.device.notices(id)).toEqual([])
})

test('a server that restarts in the middle of a burst loses and duplicates nothing', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const texts = Array.from({ length: 60 }, (_, i) => `burst ${i}`)

  for (const [i, text] of texts.entries()) {
    await alice.commands.send(id, text)
    if (i === 20) await network.stop()
    if (i === 40) await network.startAgain()
  }

  expect(await bob.device.wholeHistory(id, texts.length)).toEqual(texts)
  expect(await alice.device.wholeHistory(id, texts.length)).toEqual(texts)
  expect(bob.device.notices(id)).toEqual([])
})

test('a device that was away for 300 messages gets them all', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'before')
  await bob.nextMessage()
  await bob.device.close()
  const texts = Array.from({ length: 300 }, (_, i) => `missed ${i}`)
  for (const text of texts) await alice.commands.send(id, text)
  await alice.device.message(id, ({ text, seq }) => text === 'missed 299' && seq !== null)

  await bob.device.open()

  const all = await bob.device.wholeHistory(id, 301)
  expect(all).toEqual(['before', ...texts])
  expect(bob.device.notices(id)).toEqual([])
  await bob.device.conversation(id, ({ unread }) => unread === 301)
  await alice.device.message(id, (m) => m.text === 'missed 299' && m.status === 'delivered')
})

test('the list and the latest messages are shown without a connection', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'still here')
  await bob.nextMessage()
  await bob.device.close()
  await network.stop()

  await bob.device.open()

  const line = await bob.device.conversation(id)
  expect(line).toMatchObject({
    last: { text: 'still here', mine: false },
    participants: [{ name: 'alice' }],
  })
  await bob.device.message(id, ({ text }) => text === 'still here')
  await network.startAgain()
})

test('a closed device sends no more requests, whatever was in progress', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  await alice.device.close()
  const asked: string[] = []
  const isClosed = Promise.withResolvers<void>()
  await alice.device.open({
    fetch: async (...[address, options]: Parameters<typeof fetch>) => {
      const line = `${options?.method} ${new URL(String(address)).pathname}`
      asked.push(line)
      const response = await fetch(address, options)
      if (line === 'GET /manifest') await isClosed.promise
      return response
    },
  })
  await alice.device.eventually('to ask', () => asked.includes('GET /manifest'))
  const before = asked.length

  await alice.device.close()
  isClosed.resolve()
  await new Promise((resolve) => setTimeout(resolve, 200))

  expect(asked.slice(before)).toEqual([])
})
