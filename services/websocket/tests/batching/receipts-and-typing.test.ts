import { expect, test, vi } from 'vitest'
import { newActor, newConversationId, Testbed } from '../testbed.ts'
import { settle } from './send.ts'

test('only the newest of several marks is recorded', async () => {
  await using bed = await Testbed.start()
  const commands = await bed.collectCommands()
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
  const commands = await outer.collectCommands()
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
  const commands = await bed.collectCommands()
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
