import type { ClientFrame, EnvelopeId } from '@sotto/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { adoptWaiting, discardMessage, failMessage, retryMessage } from '../../src/sending/send.ts'
import type { OutboxItem } from '../../src/storage/records/log.ts'
import type { Device } from '../world/device.ts'
import { TwoPeople } from '../world/two-people.ts'

let people: TwoPeople
let device: Device

beforeEach(async () => {
  people = await TwoPeople.meet()
  device = await people.start(people.alice)
})

const items = () => device.parts.outbox.of(people.id)
const item = (place = 0) => items()[place] as OutboxItem
const skipped = () => device.parts.conversations.load(people.id).counters.skipped
const write = (text = 'hello') => device.write(people.id, text)
const discard = (message: EnvelopeId) => discardMessage(device.writing, people.id, message)
const retry = (message: EnvelopeId) => retryMessage(device.writing, people.id, message)
const fail = () => failMessage(device.writing, item(), 'quota_exceeded')

describe('a counter is given up once', () => {
  test('with a message that is discarded while it waits', async () => {
    await discard(await write())
    expect(items()).toEqual([])
    expect(skipped()).toEqual([1])
  })

  test('with a message that fails, also when it is discarded afterwards', async () => {
    const message = await write()
    await fail()
    await fail()
    expect(skipped()).toEqual([1])
    await discard(message)
    expect(skipped()).toEqual([1])
  })

  test('with a message that fails and is sealed again', async () => {
    const message = await write()
    await fail()
    await retry(message)
    expect(items()).toMatchObject([{ counter: 2, skipped: [1], failure: null }])
    expect(skipped()).toEqual([])
  })

  test('and reported by the next message that is written', async () => {
    await discard(await write())
    await write()
    await write()
    expect(items().map((one) => [one.counter, one.skipped])).toEqual([
      [2, [1]],
      [3, []],
    ])
  })

  test('and reported by several messages if it is one of very many', async () => {
    const many = Array.from({ length: 70 }, (_, i) => i + 1)
    await device.parts.conversations.update(people.id, (conversation) => {
      const counters = { ...conversation.counters, next: 71, skipped: many, deviceId: device.id }
      return { next: { ...conversation, counters } }
    })
    await write()
    await write()
    expect(items().map((one) => one.skipped)).toEqual([many.slice(0, 64), many.slice(64)])
  })
})

test('what was accepted is neither discarded nor failed any more', async () => {
  const message = await write()
  await device.receive.accepted(people.id, { id: message, seq: 4, acceptedAt: 9 })
  await discard(message)
  await fail()
  expect(items()).toMatchObject([{ state: 'waiting', accepted: { seq: 4, at: 9 } }])
  expect(skipped()).toEqual([])
})

test('only what has failed is sealed again', async () => {
  const message = await write()
  const before = items()
  await retry(message)
  await retry(crypto.randomUUID() as EnvelopeId)
  expect(items()).toBe(before)
})

test('what is sealed again is sent, behind what was written meanwhile', async () => {
  const message = await write('first')
  await fail()
  await write('second')
  const frames: ClientFrame[] = []
  device.connect((frame) => frames.push(frame))
  await retry(message)
  const sent = frames.flatMap((frame) => (frame.type === 'send' ? frame.envelopes : []))
  expect(sent.map(({ id }) => id)).toEqual(items().map(({ envelope }) => envelope.id))
  expect(items().map(({ content }) => content.body)).toEqual(['second', 'first'])
})

test('what waits together is sent together', async () => {
  for (let n = 0; n < 5; n += 1) await write()
  const frames: ClientFrame[] = []
  device.connect((frame) => frames.push(frame))
  expect(frames.map((frame) => frame.type === 'send' && frame.envelopes.length)).toEqual([5])
})

describe('a device that starts', () => {
  test('leaves what waits under its own id and keys', async () => {
    await write()
    device = await device.restart()
    const before = items()
    await adoptWaiting(device.writing)
    expect(items()).toBe(before)
  })

  test('leaves what failed under a former id', async () => {
    await write()
    await fail()
    device = await device.restart({ enrolled: await people.alice.person.enroll() })
    await adoptWaiting(device.writing)
    expect(items()).toMatchObject([{ state: 'failed', failure: 'quota_exceeded', counter: 1 }])
  })

  test('seals what waits under former keys with its new ones, once', async () => {
    const { person, enrolled } = people.alice
    await write()
    await person.renewKeys({ isSigned: true })
    device = await device.restart({ enrolled: await person.enroll(enrolled.deviceId) })
    await adoptWaiting(device.writing)
    const renewed = { counter: 2, skipped: [1], sealedBy: person.record.identityKey }
    expect(items()).toMatchObject([renewed])
    await adoptWaiting(device.writing)
    expect(items()).toMatchObject([renewed])
  })

  test('fails what waits for a contact whose key has changed since', async () => {
    await write()
    await people.bob.person.renewKeys({ isSigned: false })
    // The power fails before the message does.
    device.disk.failAt({ after: 1, isWritten: false })
    await device.survives(
      Promise.all([device.parts.contacts.fetch(people.bob.person.accountId), device.life.ended]),
    )
    device = await device.restart({ enrolled: await people.alice.person.enroll() })
    expect(items()).toMatchObject([{ state: 'waiting' }])
    const frames: ClientFrame[] = []
    device.connect((frame) => frames.push(frame))
    expect(frames).toEqual([])
    await adoptWaiting(device.writing)
    expect(items()).toMatchObject([{ state: 'failed', failure: 'key_changed' }])
  })
})
