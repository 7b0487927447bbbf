import type { Command, NewEnvelope } from '@sotto/wire'
import { expect, test } from 'vitest'
import { newConversationId, newEnvelope, Testbed } from '../testbed.ts'
import { send, settle } from './send.ts'

test('an envelope is accepted only after the chat service has said so', async () => {
  await using bed = await Testbed.start()
  const commit = Promise.withResolvers<void>()
  await bed.playChat(() => commit.promise)
  const device = await bed.connect()
  const envelope = newEnvelope(newConversationId())
  send(device, envelope)
  await settle()
  expect(device.frames).toEqual([])

  commit.resolve()
  const { id, conversationId } = envelope
  expect(await device.verdicts(1)).toMatchObject([{ fate: 'accepted', id, conversationId, seq: 1 }])
})

test('concurrent envelopes of many devices are batched, and each device gets its own verdicts', async () => {
  await using bed = await Testbed.start({ maxBatchesInFlight: 1 })
  const { batches } = await bed.playChat(() => settle(20))
  const devices = await Promise.all(Array.from({ length: 20 }, () => bed.connect()))
  const envelopes = devices.map(() => [1, 2, 3, 4, 5].map(() => newEnvelope(newConversationId())))

  for (const round of [0, 1, 2, 3, 4]) {
    for (const [i, device] of devices.entries()) send(device, envelopes[i]?.[round] as NewEnvelope)
  }
  for (const [i, device] of devices.entries()) {
    const told = await device.verdicts(5)
    expect(new Set(told.map(({ id }) => id))).toEqual(new Set(envelopes[i]?.map(({ id }) => id)))
  }
  // 100 envelopes: those in the first packets, then the rest while the first batch was in flight.
  expect(batches.length).toBeLessThanOrEqual(4)
})

test('the verdicts of a batch reach a connection in one frame', async () => {
  await using bed = await Testbed.start()
  await bed.playChat()
  const device = await bed.connect()
  send(device, ...Array.from({ length: 50 }, () => newEnvelope(newConversationId())))
  expect((await device.next('verdicts')).verdicts).toHaveLength(50)
})

test('no batch is larger than the limits, in envelopes and in size', async () => {
  await using bed = await Testbed.start({ maxBatchesInFlight: 1 })
  const commands: Command[] = []
  await bed.playChat(async (command) => {
    commands.push(command)
    await settle(20)
  })
  const devices = await Promise.all(Array.from({ length: 12 }, () => bed.connect()))
  for (const device of devices) {
    send(device, ...Array.from({ length: 64 }, () => newEnvelope(newConversationId())))
    send(device, newEnvelope(newConversationId(), 'A'.repeat(128 * 1024)))
  }
  await Promise.all(devices.map((device) => device.verdicts(65)))

  const sizes = commands.map((command) => JSON.stringify(command).length)
  const counts = commands.map((command) => ('envelopes' in command ? command.envelopes.length : 0))
  expect(Math.max(...counts)).toBe(256)
  expect(Math.max(...sizes)).toBeLessThan(1.3 * 1024 * 1024)
})

test('a conversation is never in two batches in flight; others continue in the meantime', async () => {
  await using bed = await Testbed.start()
  const commits: (() => void)[] = []
  const { logs } = await bed.playChat(() => new Promise<void>((resolve) => commits.push(resolve)))
  const [alice, bob] = [await bed.connect(), await bed.connect()]
  const [busy, calm] = [newConversationId(), newConversationId()]
  const [first, second, third] = [newEnvelope(busy), newEnvelope(busy), newEnvelope(busy)]

  send(alice, first)
  await expect.poll(() => commits).toHaveLength(1)
  send(alice, second)
  send(bob, third)
  send(bob, newEnvelope(calm))
  await expect.poll(() => commits).toHaveLength(2)
  await settle()
  expect(commits).toHaveLength(2)

  commits[1]?.()
  expect(await bob.verdicts(1)).toMatchObject([{ conversationId: calm }])
  expect(commits).toHaveLength(2)
  commits[0]?.()
  await expect.poll(() => commits).toHaveLength(3)
  commits[2]?.()
  await bob.verdicts(1)
  await alice.verdicts(2)
  expect(logs.get(busy)).toEqual([first, second, third])
})

test('a retry is not put into the same batch as its original', async () => {
  await using bed = await Testbed.start()
  const { batches } = await bed.playChat()
  const [before, after] = [await bed.connect(), await bed.connect()]
  const envelope = newEnvelope(newConversationId())
  send(before, envelope, envelope)
  send(after, envelope)
  await before.verdicts(2)
  await after.verdicts(1)
  expect(batches).toEqual([1, 1, 1])
})

test('without a timely decision, the sender is told to retry, and may', async () => {
  await using bed = await Testbed.start({ decideWithinMs: 60 })
  const device = await bed.connect()
  const envelope = newEnvelope(newConversationId())
  send(device, envelope)
  const { id, conversationId } = envelope
  expect(await device.verdicts(1)).toEqual([
    { fate: 'refused', id, conversationId, code: 'unavailable' },
  ])

  // The command of the first attempt is still in the queue: the chat service recognizes the id.
  const { batches } = await bed.playChat()
  send(device, envelope)
  expect(await device.verdicts(1)).toMatchObject([{ fate: 'accepted', id }])
  expect(batches).toEqual([1, 1])
})

test('envelopes waiting behind an undecided one are refused with it and keep their order', async () => {
  await using bed = await Testbed.start({ decideWithinMs: 80 })
  let isDown = true
  const { logs } = await bed.playChat(async () => {
    if (isDown) await settle(400)
  })
  const device = await bed.connect()
  const conversationId = newConversationId()
  const [first, second, third] = [1, 2, 3].map(() => newEnvelope(conversationId)) as [
    NewEnvelope,
    NewEnvelope,
    NewEnvelope,
  ]
  send(device, first)
  await settle(40)
  send(device, second)
  const refused = await device.verdicts(2)
  expect(refused).toMatchObject([
    { id: first.id, code: 'unavailable' },
    { id: second.id, code: 'unavailable' },
  ])

  // The chat service is back: new envelopes must not overtake refused ones.
  isDown = false
  send(device, third)
  expect(await device.verdicts(1)).toMatchObject([{ id: third.id, code: 'unavailable' }])
  send(device, first, second, third)
  expect(await device.verdicts(3)).toMatchObject([{ seq: 1 }, { seq: 2 }, { seq: 3 }])
  expect(logs.get(conversationId)).toEqual([first, second, third])
})

test('a refusal in one conversation blocks no other conversation and no other sender', async () => {
  await using bed = await Testbed.start({ decideWithinMs: 50 })
  let isDown = true
  await bed.playChat(async () => {
    if (isDown) await settle(400)
  })
  const [alice, bob] = [await bed.connect(), await bed.connect()]
  const [stuck, free] = [newConversationId(), newConversationId()]
  send(alice, newEnvelope(stuck))
  await alice.verdicts(1)

  isDown = false
  send(alice, newEnvelope(free))
  send(bob, newEnvelope(stuck))
  expect(await alice.verdicts(1)).toMatchObject([{ fate: 'accepted', conversationId: free }])
  expect(await bob.verdicts(1)).toMatchObject([{ fate: 'accepted', conversationId: stuck }])
})

test('a repeated, late or unknown verdict has no effect', async () => {
  await using bed = await Testbed.start({ decideWithinMs: 60 })
  const commands = await bed.collectCommands()
  const device = await bed.connect()
  const envelope = newEnvelope(newConversationId())
  send(device, envelope)
  await device.verdicts(1)

  const command = commands[0]
  if (command?.type !== 'envelopes.accept') throw new Error('no command')
  const { id, conversationId } = envelope
  const verdict = { fate: 'accepted' as const, id, conversationId, seq: 1, acceptedAt: 1 }
  const { batchId, replyTo } = command
  for (let i = 0; i < 3; i += 1) {
    await bed.broker.publishToInstance(replyTo, {
      type: 'batch.decided',
      batchId,
      verdicts: [verdict],
    })
  }
  await device.settled()
  expect(device.frames).toEqual([])
})

test('verdicts that do not match their batch are rejected', async () => {
  await using bed = await Testbed.start()
  await bed.broker.consumeCommands(async (command) => {
    if (command.type !== 'envelopes.accept') return
    const { batchId, replyTo } = command
    await bed.broker.publishToInstance(replyTo, { type: 'batch.decided', batchId, verdicts: [] })
  })
  const device = await bed.connect()
  send(device, newEnvelope(newConversationId()))
  expect(await device.verdicts(1)).toMatchObject([{ fate: 'refused', code: 'internal' }])
})
