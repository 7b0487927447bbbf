import { expect, test } from 'vitest'
import { newConversationId, newEnvelope, Testbed } from '../testbed.ts'
import { send, settle } from './send.ts'

test('if the broker accepts nothing, senders are told immediately', async () => {
  await using outer = await Testbed.start()
  const broker = { ...outer.broker, sendCommand: () => Promise.reject(new Error('no connection')) }
  await using bed = await Testbed.start({}, broker)
  const device = await bed.connect()
  send(device, newEnvelope(newConversationId()))
  expect(await device.verdicts(1)).toMatchObject([{ fate: 'refused', code: 'unavailable' }])
})

test('while the chat service is behind, the service stops reading from senders', async () => {
  await using bed = await Testbed.start({ maxBatchesInFlight: 1, maxWaitingEnvelopes: 100 })
  const commit = Promise.withResolvers<void>()
  const { logs } = await bed.playChat(() => commit.promise)
  const [eager, quiet] = [await bed.connect(), await bed.connect()]
  const conversationId = newConversationId()
  const rounds = 10
  for (let i = 0; i < rounds; i += 1) {
    send(eager, ...Array.from({ length: 64 }, () => newEnvelope(conversationId)))
    await settle(10)
  }
  eager.send({ type: 'ping' })
  await settle(100)
  // The ping waits in the socket, behind envelopes that wait there too.
  expect(eager.frames).toEqual([])
  await quiet.settled()

  commit.resolve()
  expect(await eager.verdicts(rounds * 64)).toHaveLength(rounds * 64)
  await eager.next('pong')
  expect(logs.get(conversationId)).toHaveLength(rounds * 64)
})

test('a sender that is not being read from does not count as silent', async () => {
  await using bed = await Testbed.start({
    maxBatchesInFlight: 1,
    maxWaitingEnvelopes: 1,
    silentAfterMs: 60,
    pingAfterMs: 30,
  })
  const commit = Promise.withResolvers<void>()
  await bed.playChat(() => commit.promise)
  const device = await bed.connect()
  const conversationId = newConversationId()
  send(device, newEnvelope(conversationId))
  await settle()
  send(device, newEnvelope(conversationId))
  await settle(200)
  commit.resolve()
  expect(await device.verdicts(2)).toMatchObject([{ seq: 1 }, { seq: 2 }])
})
