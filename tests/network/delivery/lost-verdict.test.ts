import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'

/** A socket that loses all verdicts and then breaks, until `heal` is called. */
function losingVerdicts() {
  let isBroken = true
  const createWebSocket = (url: string) => {
    const socket = new WebSocket(url)
    socket.addEventListener('message', (event) => {
      if (!isBroken || !String(event.data).includes('"verdicts"')) return
      event.stopImmediatePropagation()
      socket.close()
    })
    return socket
  }
  const heal = () => {
    isBroken = false
  }
  return { createWebSocket, heal }
}

/** The same without pushes: the device learns nothing about its message. */
function deafAfterSending() {
  let isBroken = true
  const createWebSocket = (url: string) => {
    const socket = new WebSocket(url)
    socket.addEventListener('message', (event) => {
      if (!isBroken || String(event.data).includes('"authenticated"')) return
      event.stopImmediatePropagation()
      if (String(event.data).includes('"verdicts"')) socket.close()
    })
    return socket
  }
  const heal = () => {
    isBroken = false
  }
  return { createWebSocket, heal }
}

test.each([
  ['verdicts', losingVerdicts],
  ['verdicts and pushes', deafAfterSending],
])('messages whose %s were lost are recognized, and arrive once', async (_, broken) => {
  await using network = await TestNetwork.start()
  const { createWebSocket, heal } = broken()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.device.close()
  await alice.device.open({ createWebSocket })
  const texts = Array.from({ length: 10 }, (_, i) => `again ${i}`)
  for (const text of texts) await alice.commands.send(id, text)

  await bob.device.wholeHistory(id, 10)
  heal()
  await alice.commands.reconnect()
  await alice.send(id, 'the last')

  expect(await bob.device.wholeHistory(id, 11)).toEqual([...texts, 'the last'])
  expect(await alice.device.wholeHistory(id, 11)).toEqual([...texts, 'the last'])
  const statuses = alice.device.messages(id).map(({ status }) => status)
  expect(statuses.filter((status) => status === 'waiting' || status === 'failed')).toEqual([])
  expect(bob.device.notices(id)).toEqual([])
  const [{ count } = { count: 0 }] = await network.database.sql<{ count: number }[]>`
    select count(*)::int as count from chat.envelopes`
  expect(count).toBe(11)
})
