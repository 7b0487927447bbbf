import { beforeEach, describe, expect, test } from 'vitest'
import { acceptChangedKey, safetyNumber } from '../../src/contacts/safety.ts'
import { followKeyChanges } from '../../src/sending/follow-key-change.ts'
import { adoptWaiting, retryMessage, sendMessage } from '../../src/sending/send.ts'
import type { Device } from '../world/device.ts'
import { TwoPeople } from '../world/two-people.ts'

let people: TwoPeople
let device: Device

beforeEach(async () => {
  people = await TwoPeople.meet()
  device = await people.start(people.alice)
})

const items = () => device.parts.outbox.of(people.id)
const bob = () => people.bob.person
/** The server shows another key for Bob. */
async function change({ isSigned }: { isSigned: boolean }) {
  await bob().renewKeys({ isSigned })
  await device.parts.contacts.fetch(bob().accountId)
  await followKeyChanges(device.writing)
}
async function accept() {
  const number = await safetyNumber(device.reading, bob().accountId)
  await acceptChangedKey(device.reading, bob().accountId, number.changedDigits ?? '')
  await followKeyChanges(device.writing)
}

describe('when another key of a contact is shown', () => {
  beforeEach(async () => {
    await device.write(people.id, 'hello')
  })

  test('waiting messages fail, and keep their text', async () => {
    await change({ isSigned: false })
    expect(items()).toMatchObject([
      { state: 'failed', failure: 'key_changed', content: { body: 'hello' } },
    ])
    expect(device.parts.conversations.load(people.id).counters.skipped).toEqual([1])
  })

  test('nothing is sealed until the person decides', async () => {
    await change({ isSigned: false })
    await expect(device.write(people.id, 'again')).rejects.toMatchObject({ code: 'key_changed' })
    const message = items()[0]?.envelope.id
    if (!message) throw new Error('the message is gone')
    await expect(retryMessage(device.writing, people.id, message)).rejects.toMatchObject({
      code: 'key_changed',
    })
    expect(items()).toMatchObject([{ state: 'failed', counter: 1 }])
  })

  test('only the person can have a message sealed for that key', async () => {
    await change({ isSigned: false })
    await accept()
    expect(items()).toMatchObject([{ state: 'failed', counter: 1 }])
    await retryMessage(device.writing, people.id, items()[0]?.envelope.id as never)
    const { identityKey } = bob().record
    expect(items()).toMatchObject([
      {
        state: 'waiting',
        counter: 2,
        skipped: [1],
        failure: null,
        writtenTo: { [bob().accountId]: identityKey },
      },
    ])
  })

  test('accepted messages do not fail', async () => {
    const item = items()[0]
    if (!item) throw new Error('nothing was written')
    await device.receive.accepted(people.id, { id: item.envelope.id, seq: 4, acceptedAt: 9 })
    await change({ isSigned: false })
    expect(items()).toMatchObject([{ state: 'waiting', accepted: { seq: 4 } }])
  })

  test('each conversation shows it once', async () => {
    await change({ isSigned: false })
    await followKeyChanges(device.writing)
    expect(device.parts.conversations.load(people.id).keyChanges).toHaveLength(1)
  })

  test('waiting messages stay if the pinned key has signed the new one, until that is pinned', async () => {
    await change({ isSigned: true })
    expect(items()).toMatchObject([{ state: 'waiting' }])
    await device.catchUp()
    await followKeyChanges(device.writing)
    expect(items()).toMatchObject([{ state: 'failed', failure: 'key_changed' }])
  })
})

test('without a key change nothing fails', async () => {
  await device.write(people.id, 'hello')
  await followKeyChanges(device.writing)
  expect(items()).toMatchObject([{ state: 'waiting' }])
})

describe('a device that was enrolled again', () => {
  const enrollAgain = async () => {
    device = await device.restart({ enrolled: await people.alice.person.enroll() })
  }

  test('seals waiting messages under new counters', async () => {
    await device.write(people.id, 'one')
    await device.write(people.id, 'two')
    await enrollAgain()
    await adoptWaiting(device.writing)
    expect(
      items().map(({ counter, deviceId, content }) => [counter, deviceId, content.body]),
    ).toEqual([
      [1, device.id, 'one'],
      [2, device.id, 'two'],
    ])
    const { counters } = device.parts.conversations.load(people.id)
    expect(counters).toMatchObject({ next: 3, skipped: [], deviceId: device.id })
    expect(counters.formerDevices).toHaveLength(1)
  })

  test('leaves failed messages and those of the new enrollment alone', async () => {
    await device.write(people.id, 'one')
    await change({ isSigned: false })
    await enrollAgain()
    const before = items()
    await adoptWaiting(device.writing)
    expect(items()).toEqual(before)
  })

  test('seals no message for a key other than the one it was written to', async () => {
    await device.write(people.id, 'one')
    const { accountId } = bob()
    await device.parts.contacts.update(accountId, {
      identityKey: people.alice.person.record.identityKey,
    })
    await enrollAgain()
    await adoptWaiting(device.writing)
    expect(items()).toMatchObject([{ state: 'failed', failure: 'key_changed', counter: 1 }])
  })
})

test('after our keys were renewed, waiting messages are sealed with the new ones', async () => {
  await device.write(people.id, 'one')
  const sealedBy = items()[0]?.sealedBy
  await people.alice.person.renewKeys({ isSigned: true })
  device = await device.restart({ enrolled: await people.alice.person.enroll() })
  await adoptWaiting(device.writing)
  const [item] = items()
  expect(item).toMatchObject({ state: 'waiting', sealedBy: people.alice.person.record.identityKey })
  expect(item?.sealedBy).not.toBe(sealedBy)
})

describe('no message is written', () => {
  test.each([
    ['declined', 'conversation_closed'],
    ['blocked', 'conversation_closed'],
    ['requested', 'request_pending'],
  ] as const)('where the own account is %s', async (state, code) => {
    people.server.answer(people.id, device.accountId, state)
    await device.catchUp()
    await expect(device.write(people.id, 'hello')).rejects.toMatchObject({ code })
    expect(items()).toEqual([])
  })

  test('that is empty', async () => {
    await expect(device.write(people.id, '')).rejects.toMatchObject({ code: 'empty_text' })
    await expect(device.write(people.id, 'half \ud800')).rejects.toMatchObject({
      code: 'broken_text',
      details: { at: 5 },
    })
  })

  test('twice under one id, whether that is in the outbox or in the log', async () => {
    const message = await device.write(people.id, 'hello')
    const again = () =>
      sendMessage(device.writing, people.id, { type: 'text', text: 'again' }, message)
    await again()
    expect(items()).toMatchObject([{ content: { body: 'hello' } }])
    await device.receive.accepted(people.id, { id: message, seq: 1, acceptedAt: 9 })
    await again()
    expect(items()).toEqual([])
  })
})

test('a person who is written to is kept', async () => {
  expect(device.parts.contacts.get(bob().accountId)?.kept).toBe(false)
  await device.write(people.id, 'hello')
  expect(device.parts.contacts.get(bob().accountId)?.kept).toBe(true)
})
