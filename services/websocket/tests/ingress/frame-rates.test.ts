import { expect, test } from 'vitest'
import { newActor, newConversationId, newEnvelope, Testbed } from '../testbed.ts'

test('envelopes beyond the rate are temporarily refused, then the connection is closed', async () => {
  await using bed = await Testbed.start({
    connectionRate: { perSecond: 0.5, burst: 4 },
    excessRate: { perSecond: 0.01, burst: 2 },
  })
  const chat = await bed.playChat()
  const device = await bed.connect()
  const conversationId = newConversationId()
  const envelopes = [1, 2, 3].map(() => newEnvelope(conversationId))
  device.send({ type: 'send', envelopes: envelopes.slice(0, 2) })
  expect(await device.verdicts(2)).toMatchObject([{ fate: 'accepted' }, { fate: 'accepted' }])

  device.send({ type: 'send', envelopes })
  const error = await device.next('error')
  expect(error).toMatchObject({ code: 'rate_limited' })
  expect(error.details?.retryAfterSeconds).toBeGreaterThan(1)
  expect(await device.verdicts(3)).toEqual(
    envelopes.map(({ id }) => ({ fate: 'refused', id, conversationId, code: 'rate_limited' })),
  )

  for (let i = 0; i < 2; i += 1) device.send({ type: 'send', envelopes })
  expect(await device.closed).toBe(4004)
  expect(chat.logs.get(conversationId)).toHaveLength(2)
})

test('the connections of one account share its rate', async () => {
  await using bed = await Testbed.start({ accountRate: { perSecond: 0.01, burst: 3 } })
  await bed.playChat()
  const actor = newActor()
  const [phone, laptop] = [await bed.connect(actor), await bed.connect(newActor(actor.accountId))]
  const envelopes = [newEnvelope(newConversationId()), newEnvelope(newConversationId())]
  phone.send({ type: 'send', envelopes })
  await phone.verdicts(2)
  laptop.send({ type: 'send', envelopes })
  expect(await laptop.next('error')).toMatchObject({ code: 'rate_limited' })

  const stranger = await bed.connect()
  stranger.send({ type: 'send', envelopes: [newEnvelope(newConversationId())] })
  expect(await stranger.verdicts(1)).toMatchObject([{ fate: 'accepted' }])
})
