import { EnvelopeId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'

test('a message that is sent again under its id is sent once', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const message = EnvelopeId.parse(crypto.randomUUID())

  await network.stop()
  expect(await alice.commands.send(id, 'once', message)).toBe(message)
  // Like another tab that does not know how far the first one got.
  await alice.device.close()
  await alice.device.open()
  expect(await alice.commands.send(id, 'once', message)).toBe(message)
  await network.startAgain()
  await alice.device.message(id, ({ seq }) => seq !== null)
  expect(await alice.commands.send(id, 'once', message)).toBe(message)
  await alice.send(id, 'then this')

  expect(await bob.device.wholeHistory(id, 2)).toEqual(['once', 'then this'])
  expect(alice.device.messages(id).map(({ text }) => text)).toEqual(['once', 'then this'])
  expect(bob.device.notices(id)).toEqual([])
})
