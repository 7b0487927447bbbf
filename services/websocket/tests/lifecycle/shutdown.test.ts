import { expect, test } from 'vitest'
import { newActor, newConversationId, newEnvelope, Testbed, tokenFor } from '../testbed.ts'

test('a shutdown delivers the verdicts in flight, then closes with 1012', async () => {
  await using bed = await Testbed.start()
  const commit = Promise.withResolvers<void>()
  const { logs } = await bed.playChat(() => commit.promise)
  const [sender, idle] = [await bed.connect(), await bed.connect()]
  const conversationId = newConversationId()
  for (let i = 0; i < 3; i += 1) {
    sender.send({ type: 'send', envelopes: [newEnvelope(conversationId)] })
    await sender.settled()
  }
  const closed = bed.service.close()
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(sender.frames).toEqual([])

  commit.resolve()
  expect(await sender.verdicts(3)).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }])
  expect(await sender.closed).toBe(1012)
  expect(await idle.closed).toBe(1012)
  await closed
  expect(logs.get(conversationId)).toHaveLength(3)
  expect(await bed.service.health()).toEqual({ status: 'degraded', detail: '0 connections' })
})

test('a shutdown waits for verdicts only for a limited time', async () => {
  await using bed = await Testbed.start({ drainWithinMs: 60 })
  const device = await bed.connect()
  device.send({ type: 'send', envelopes: [newEnvelope(newConversationId())] })
  await device.settled()
  await bed.service.close()
  expect(await device.closed).toBe(1012)
})

test('a peer that does not answer the close does not delay a shutdown', async () => {
  await using bed = await Testbed.start({ closeWithinMs: 60 })
  const device = await bed.connect()
  device.socket.pause()
  await bed.service.close()
  expect(await bed.service.health()).toMatchObject({ detail: '0 connections' })
})

test('no one can connect during a shutdown', async () => {
  await using bed = await Testbed.start()
  const waiting = await bed.open()
  const closing = bed.service.close()
  await expect(bed.connect()).rejects.toThrow('503')
  waiting.send({ type: 'authenticate', token: tokenFor(newActor()) })
  expect(await waiting.closed).toBe(1012)
  await closing
})

test('the HTTP server in which it is mounted closes with it', async () => {
  const bed = await Testbed.start()
  const devices = await Promise.all([bed.connect(), bed.connect(), bed.open()])
  await bed.app.close()
  for (const device of devices) expect(await device.closed).toBe(1012)
  await bed.broker.close()
})
