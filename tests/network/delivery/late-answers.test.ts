import { expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import { held } from '../held-requests.ts'
import { TestNetwork } from '../network.ts'

test('hints that overtake an answer are not missed', async () => {
  await using network = await TestNetwork.start()
  let isOn = true
  let pushes = 0
  const changes = held('GET', '/changes', () => isOn)
  const createWebSocket = (url: string) => {
    const socket = new WebSocket(url)
    socket.addEventListener('message', ({ data }) => {
      if (String(data).includes('"conversation_changed"')) pushes += 1
    })
    return socket
  }
  const [alice, bob] = await Promise.all([
    network.person('alice', { fetch: changes.fetch, createWebSocket }),
    network.person('bob'),
  ])
  await alice.device.close()
  isOn = false
  changes.count = 0
  await alice.device.open()
  await eventually('her device to ask what has changed', () => changes.count === 1)
  const id = await alice.commands.startConversation(bob.accountId, 'ecdh')
  await bob.device.conversation(id)
  await bob.commands.answerRequest(id, 'accepted')
  // The conversation has started and was accepted.
  await eventually('both hints to come too early', () => pushes === 2)

  isOn = true

  await alice.device.conversation(id, ({ state }) => state === 'open')
  expect(alice.device.failures).toEqual([])
})
