import type { Command, NewEnvelope } from '@sotto/wire'
import { expect, test, vi } from 'vitest'
import { type Device, newActor, newConversationId, newEnvelope, Testbed } from '../testbed.ts'

const settle = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms))
const send = (device: Device, ...envelopes: NewEnvelope[]) =>
  device.send({ type: 'send', envelopes })

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
  const commands = await bed.takeCommands()
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

test('only the newest of several marks is recorded', async () => {
  await using bed = await Testbed.start()
  const commands = await bed.takeCommands()
  const actor = newActor()
  const [phone, laptop] = [await bed.connect(actor), await bed.connect(newActor(actor.accountId))]
  const [first, second] = [newConversationId(), newConversationId()]
  phone.send({
    type: 'receipts',
    receipts: [
      { conversationId: first, deliveredSeq: 7, readSeq: 3 },
      { conversationId: first, deliveredSeq: 5, readSeq: 5 },
      { conversationId: second, deliveredSeq: 1, readSeq: 0 },
    ],
  })
  laptop.send({
    type: 'receipts',
    receipts: [{ conversationId: second, deliveredSeq: 9, readSeq: 9 }],
  })
  const marks = () =>
    commands.flatMap((command) => (command.type === 'receipts.record' ? command.receipts : []))
  await expect
    .poll(() => marks().map(({ receipt }) => receipt))
    .toContainEqual({
      conversationId: second,
      deliveredSeq: 9,
      readSeq: 9,
    })
  expect(marks()).toContainEqual({
    actor,
    receipt: { conversationId: first, deliveredSeq: 7, readSeq: 5 },
  })
  expect(marks().length).toBeLessThanOrEqual(3)
})

test('marks that could not be sent are sent later', async () => {
  await using outer = await Testbed.start()
  const commands = await outer.takeCommands()
  const sendCommand = vi.fn(outer.broker.sendCommand)
  sendCommand.mockRejectedValueOnce(new Error('no connection'))
  await using bed = await Testbed.start({}, { ...outer.broker, sendCommand })
  const device = await bed.connect()
  const receipt = { conversationId: newConversationId(), deliveredSeq: 2, readSeq: 1 }
  device.send({ type: 'receipts', receipts: [receipt] })
  await expect.poll(() => commands).toMatchObject([{ receipts: [{ receipt }] }])
  expect(sendCommand).toHaveBeenCalledTimes(2)
})

test('typing is announced at a limited rate, however often it is reported', async () => {
  await using bed = await Testbed.start({ typingEveryMs: 150 })
  const commands = await bed.takeCommands()
  const actor = newActor()
  const device = await bed.connect(actor)
  const [first, second] = [newConversationId(), newConversationId()]
  for (let i = 0; i < 20; i += 1) device.send({ type: 'typing', conversationId: first })
  device.send({ type: 'typing', conversationId: second })
  await device.settled()
  await settle()
  expect(commands).toEqual([
    { type: 'typing.announce', actor, conversationId: first },
    { type: 'typing.announce', actor, conversationId: second },
  ])

  await settle(200)
  device.send({ type: 'typing', conversationId: first })
  await expect.poll(() => commands).toHaveLength(3)
})
