import type { DeviceId, NewEnvelope, StoredEnvelope } from '@sotto/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { discardMessage, sendMessage } from '../../src/sending/send.ts'
import type { LogEntry } from '../../src/storage/records/log.ts'
import type { Device } from '../world/device.ts'
import type { Enrolled } from '../world/person.ts'
import { createRatchets } from '../world/ratchet.ts'
import { TwoPeople } from '../world/two-people.ts'

let people: TwoPeople
let alice: Device
let bob: Device

beforeEach(async () => {
  people = await TwoPeople.meet()
  alice = await people.start(people.alice)
  bob = await people.start(people.bob)
})

/** How Alice's device opens an envelope that the server puts into the log. */
async function openedFrom(
  writer: { readonly accountId: Device['accountId']; readonly deviceId: DeviceId },
  envelope: NewEnvelope,
): Promise<LogEntry | undefined> {
  const stored = people.server.append(writer, envelope)
  await alice.receive.pushed(people.id, [stored])
  return (await alice.log(people.id)).at(-1)
}

const writerOf = (device: Device) => ({ accountId: device.accountId, deviceId: device.id })
const unreadable = (reason: string) => ({ kind: 'unreadable', reason })

test('a message opens with everything that its sender sealed', async () => {
  const envelope = await people.sealedBy(bob, 'hello')
  expect(await openedFrom(writerOf(bob), envelope)).toMatchObject({
    kind: 'message',
    seq: 1,
    id: envelope.id,
    sender: bob.accountId,
    deviceId: bob.id,
    counter: 1,
    skipped: [],
    content: { type: 'text', body: 'hello' },
    writtenTo: {},
  })
})

describe("the server's header of an envelope must match what its sender sealed", () => {
  test('the id', async () => {
    const envelope = await people.sealedBy(bob, 'hello')
    const other = { ...envelope, id: crypto.randomUUID() as NewEnvelope['id'] }
    expect(await openedFrom(writerOf(bob), other)).toMatchObject(unreadable('misplaced'))
  })

  test('the device', async () => {
    const tablet = await people.bob.person.enroll()
    const writer = { accountId: bob.accountId, deviceId: tablet.deviceId }
    const envelope = await people.sealedBy(bob, 'hello')
    expect(await openedFrom(writer, envelope)).toMatchObject(unreadable('misplaced'))
  })

  test('the account', async () => {
    const envelope = await people.sealedBy(bob, 'hello')
    const entry = await openedFrom(writerOf(alice), envelope)
    expect(entry).toMatchObject({ kind: 'unreadable', sender: alice.accountId })
  })

  test('the conversation', async () => {
    const other = await TwoPeople.meet()
    const envelope = await people.sealedBy(bob, 'hello')
    const stored = people.server.append(writerOf(bob), envelope)
    const foreign: StoredEnvelope = { ...stored, conversationId: other.id }
    await alice.receive.pushed(people.id, [foreign])
    expect(await alice.log(people.id)).toMatchObject([unreadable('misplaced')])
  })

  test('an account in the conversation', async () => {
    const { accountId } = (await TwoPeople.meet()).alice.person
    const envelope = await people.sealedBy(bob, 'hello')
    const entry = await openedFrom({ accountId, deviceId: bob.id }, envelope)
    expect(entry).toMatchObject(unreadable('misplaced'))
  })
})

test('an envelope that does not open is kept whole, and a later one opens', async () => {
  const envelope = await people.sealedBy(bob, 'hello')
  const broken = { ...envelope, ciphertext: `${envelope.ciphertext.slice(0, -4)}AAAA` }
  const entry = await openedFrom(writerOf(bob), broken)
  expect(entry).toMatchObject({ ...unreadable('cannot_decrypt'), envelope: broken })
  const next = await people.sealedBy(bob, 'next')
  expect(await openedFrom(writerOf(bob), next)).toMatchObject({ content: { body: 'next' } })
})

describe('a device is accepted', () => {
  const revokedAt = async (at: number) => {
    await people.bob.person.publish({ revoked: [{ device: bob.id, at }] })
    await alice.parts.contacts.fetch(bob.accountId)
  }

  test('up to the moment it was revoked', async () => {
    const [first, second] = [
      await people.sealedBy(bob, 'first'),
      await people.sealedBy(bob, 'then'),
    ]
    const early = people.server.append(writerOf(bob), first)
    await revokedAt(early.acceptedAt)
    await alice.receive.pushed(people.id, [early])
    const late = await openedFrom(writerOf(bob), second)
    expect(late).toMatchObject(unreadable('unknown_device'))
    expect((await alice.log(people.id))[0]).toMatchObject({ kind: 'message' })
  })

  test('only if it is enrolled', async () => {
    const stranger: Enrolled = { ...people.bob.enrolled, deviceId: crypto.randomUUID() as DeviceId }
    const device = await people.start({ ...people.bob, enrolled: stranger })
    const envelope = await people.sealedBy(device, 'hello')
    const entry = await openedFrom(writerOf(device), envelope)
    expect(entry).toMatchObject(unreadable('unknown_device'))
  })
})

describe('our messages', () => {
  test('from this device are not decrypted, and record the key that they were written to', async () => {
    const envelope = await people.sealedBy(alice, 'mine')
    const { identityKey } = people.bob.person.record
    expect(await openedFrom(writerOf(alice), envelope)).toMatchObject({
      kind: 'message',
      counter: 1,
      writtenTo: { [bob.accountId]: identityKey },
    })
    expect(alice.parts.outbox.of(people.id)).toEqual([])
  })

  test('from another of our devices open, and missing keys are fetched', async () => {
    const tablet = await people.start({
      ...people.alice,
      enrolled: await people.alice.person.enroll(),
    })
    const envelope = await people.sealedBy(tablet, 'mine')
    const { identityKey } = people.bob.person.record
    expect(await openedFrom(writerOf(tablet), envelope)).toMatchObject({
      kind: 'message',
      deviceId: tablet.id,
      writtenTo: { [bob.accountId]: identityKey },
    })
  })

  test('that name a newer manifest report it', async () => {
    const tablet = await people.alice.person.enroll()
    await people.alice.person.publish({ name: 'Alice B.' })
    const later = await people.start({ ...people.alice, enrolled: tablet })
    await openedFrom(writerOf(later), await people.sealedBy(later, 'mine'))
    expect(alice.manifestsSeen).toEqual([2])
    await openedFrom(writerOf(later), await people.sealedBy(later, 'mine'))
    expect(alice.manifestsSeen).toEqual([2, 2])
  })

  test('from others report no manifest', async () => {
    await people.bob.person.publish({ name: 'Bob B.' })
    const later = await people.start(people.bob)
    await openedFrom(writerOf(later), await people.sealedBy(later, 'hello'))
    expect(alice.manifestsSeen).toEqual([])
  })
})

describe('a message that claims to be from this device', () => {
  /** The same device with an outdated copy of its storage. */
  const twin = () => people.start(people.alice)

  test('is foreign if this device did not write it', async () => {
    const forged = await people.sealedBy(await twin(), 'not mine')
    expect(await openedFrom(writerOf(alice), forged)).toMatchObject({ isForeign: true })
  })

  test('is foreign under the id of a waiting message that says something else', async () => {
    const envelope = await people.sealedBy(alice, 'mine')
    const copy = await twin()
    await sendMessage(copy.writing, people.id, { type: 'text', text: 'forged' }, envelope.id)
    const forged = copy.parts.outbox.find(people.id, envelope.id)?.envelope as NewEnvelope
    expect(await openedFrom(writerOf(alice), forged)).toMatchObject({ isForeign: true })
    expect(alice.parts.outbox.of(people.id)).toHaveLength(1)
  })

  test('is ours if it was discarded while in flight', async () => {
    const envelope = await people.sealedBy(alice, 'mine')
    await discardMessage(alice.writing, people.id, envelope.id)
    const entry = await openedFrom(writerOf(alice), envelope)
    expect(entry).toMatchObject({ kind: 'message', content: { body: 'mine' } })
    expect(entry).not.toHaveProperty('isForeign')
  })

  test('is foreign under the id of a discarded one if it is another envelope', async () => {
    const envelope = await people.sealedBy(alice, 'mine')
    await discardMessage(alice.writing, people.id, envelope.id)
    const copy = await twin()
    await sendMessage(copy.writing, people.id, { type: 'text', text: 'mine' }, envelope.id)
    const forged = copy.parts.outbox.find(people.id, envelope.id)?.envelope as NewEnvelope
    expect(await openedFrom(writerOf(alice), forged)).toMatchObject({ isForeign: true })
  })

  test('is ours if it is in the log already, and then a replay', async () => {
    const envelope = await people.sealedBy(alice, 'mine')
    const first = people.server.append(writerOf(alice), envelope)
    await alice.receive.pushed(people.id, [first])
    expect(await openedFrom(writerOf(alice), envelope)).toMatchObject(unreadable('replayed'))
  })
})

test('an account is fetched once for all messages that need it, and named records afterwards', async () => {
  const tablet = await people.start({ ...people.bob, enrolled: await people.bob.person.enroll() })
  const envelopes = [await people.sealedBy(tablet, 'one'), await people.sealedBy(tablet, 'two')]
  const stored = envelopes.map((one) => people.server.append(writerOf(tablet), one))
  const asked: string[] = []
  people.server.onCall = ({ path }) => asked.push(path)

  await alice.receive.pushed(people.id, stored)

  expect((await alice.log(people.id)).map(({ kind }) => kind)).toEqual(['message', 'message'])
  expect(asked).toEqual(['/users/:accountId'])
})

test('a record that a message names and the server withholds is reported', async () => {
  await people.bob.person.publish({ name: 'Robert' })
  const later = await people.start(people.bob)
  const envelope = await people.sealedBy(later, 'hello')
  const stored = people.server.append(writerOf(later), envelope)
  // The server keeps showing the record from before that.
  const before = await TwoPeople.meet()
  people.server.people.set(bob.accountId, before.bob.person)

  await alice.receive.pushed(people.id, [stored])
  await new Promise((resolve) => setTimeout(resolve, 0))

  expect((await alice.log(people.id))[0]).toMatchObject({ kind: 'message' })
  expect(alice.failures).toMatchObject([{ code: 'untrusted_answer' }])
})

test('a received message stores the state that it leads to, and one of ours keeps the state that it left', async () => {
  const reader = await people.start(people.alice, { createProtocols: createRatchets })
  const writer = await people.start(people.bob, { createProtocols: createRatchets })
  const envelopes = [await people.sealedBy(writer, 'one'), await people.sealedBy(writer, 'two')]
  const stored = envelopes.map((one) => people.server.append(writerOf(writer), one))
  await reader.receive.pushed(people.id, stored)
  const { protocolState } = reader.parts.conversations.load(people.id)
  expect(JSON.parse(new TextDecoder().decode(protocolState ?? undefined))).toEqual({
    [writer.id]: 2,
  })
})
