import { type AccountId, ConversationId, type EnvelopeId } from '@sotto/wire'
import fc from 'fast-check'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ClientError, mayPass } from '../../src/api/errors.ts'
import { learnOpened, refreshConversation } from '../../src/receiving/catch-up.ts'
import { CURSOR } from '../../src/storage/records/account.ts'
import { ChatServer } from '../world/chat-server.ts'
import { Device } from '../world/device.ts'
import { type Enrolled, Person } from '../world/person.ts'
import { tries } from '../world/tries.ts'
import { TwoPeople } from '../world/two-people.ts'

let alice: Person
let bob: Person
let alicesPhone: Enrolled
let bobsPhone: Enrolled

beforeAll(async () => {
  ;[alice, bob] = await Promise.all([Person.create('Alice'), Person.create('Bob')])
  ;[alicesPhone, bobsPhone] = await Promise.all([alice.enroll(), bob.enroll()])
})

const ids = Array.from({ length: 5 }, () => ConversationId.parse(crypto.randomUUID()))

const happening = fc.oneof(
  { weight: 3, arbitrary: fc.record({ what: fc.constant('write' as const), which: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ what: fc.constant('catch up' as const) }) },
  fc.record({ what: fc.constant('unreachable' as const), after: fc.nat(6) }),
  fc.record({
    what: fc.constant('power cut' as const),
    at: fc.record({ after: fc.nat(6), isWritten: fc.boolean() }),
  }),
)

test('a device that has caught up has everything up to its cursor, whatever interrupted it', async () => {
  const story = fc.array(happening, { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(story, async (happenings) => {
      const server = new ChatServer(alice, bob)
      server.pageSize = 2
      let callsLeft = Number.POSITIVE_INFINITY
      server.onCall = () => {
        callsLeft -= 1
        if (callsLeft < 0) throw new ClientError('offline')
      }
      let device = await Device.start({ server, person: alice, enrolled: alicesPhone })
      const writer = await Device.start({ server, person: bob, enrolled: bobsPhone })
      const catchUp = async () => {
        const failed = (error: unknown) => {
          if (!mayPass(error)) throw error
        }
        const result = await device.survives(device.catchUp().catch(failed))
        if (result === 'ended') device = await device.restart()
      }
      for (const one of happenings) {
        if (one.what === 'unreachable') callsLeft = one.after
        else if (one.what === 'power cut') device.disk.failAt(one.at)
        else if (one.what === 'catch up') await catchUp()
        else {
          const id = ids[one.which] as ConversationId
          const calls = callsLeft
          callsLeft = Number.POSITIVE_INFINITY
          if (!server.conversation(id)) {
            server.create(id, bob.accountId, { [alice.accountId]: 'accepted' })
            await writer.catchUp()
          }
          const message = await writer.write(id, 'hello')
          const envelope = writer.parts.outbox.find(id, message)?.envelope
          if (envelope) server.append({ accountId: bob.accountId, deviceId: writer.id }, envelope)
          callsLeft = calls
        }
      }
      callsLeft = Number.POSITIVE_INFINITY
      device.disk.failNoMore()
      await device.catchUp()

      for (const id of ids.filter((one) => server.conversation(one))) {
        const log = server.log(id)
        const { window, reading } = device.parts.conversations.load(id)
        const entries = await device.log(id)
        const facts = ({ seq, id: message }: { seq: number; id: EnvelopeId }) => ({ seq, message })
        expect(entries.map(facts)).toEqual(log.slice(window.first - 1).map(facts))
        expect(entries.filter(({ kind }) => kind !== 'message')).toEqual([])
        expect(reading.unread).toBe(log.length)
      }
    }),
    tries(40),
  )
})

describe('two people', () => {
  let people: TwoPeople
  let device: Device
  let writer: Device

  beforeEach(async () => {
    people = await TwoPeople.meet()
    device = await people.start(people.alice)
    writer = await people.start(people.bob)
  })

  const deliver = async (text: string) => {
    const envelope = await people.sealedBy(writer, text)
    people.server.append({ accountId: writer.accountId, deviceId: writer.id }, envelope)
  }

  test('an unreadable conversation does not keep others from being read', async () => {
    const other = ConversationId.parse(crypto.randomUUID())
    people.server.create(other, writer.accountId, { [device.accountId]: 'accepted' })
    const strange = ConversationId.parse(crypto.randomUUID())
    const nobody = crypto.randomUUID() as AccountId
    people.server.create(strange, device.accountId, { [nobody]: 'accepted' })
    await deliver('hello')

    await device.catchUp()

    expect(device.failures).toMatchObject([{ code: 'account_not_found' }])
    expect(await device.log(people.id)).toMatchObject([{ kind: 'message' }])
    expect(device.parts.conversations.get(other)).toBeDefined()
  })

  test('a device that has read everything asks only for changes', async () => {
    await deliver('hello')
    await device.catchUp()
    const asked: string[] = []
    people.server.onCall = ({ path }) => asked.push(path)
    await device.catchUp()
    expect(asked).toEqual(['/changes'])
  })

  test('a new record or new keys are read even if no hint arrived', async () => {
    await people.bob.person.publish({ name: 'Robert' })
    await deliver('hello')
    await device.catchUp()
    const { current } = device.parts.contacts.get(writer.accountId) ?? {}
    expect(current?.record.name).toBe('Robert')
  })

  test('keys that the former ones have signed are pinned once the logs are read', async () => {
    await deliver('hello')
    await people.bob.person.renewKeys({ isSigned: true })
    await device.parts.contacts.fetch(writer.accountId)
    const { identityKey } = people.bob.person.record
    expect(device.parts.contacts.get(writer.accountId)?.identityKey).not.toBe(identityKey)

    await device.catchUp()

    const contact = device.parts.contacts.get(writer.accountId)
    expect(contact).toMatchObject({ identityKey, changed: null })
    expect(contact?.formerKeys).toMatchObject([
      { renewed: true, ends: [{ conversation: people.id, seq: 1 }] },
    ])
    expect(device.parts.conversations.load(people.id).keyChanges).toMatchObject([
      { renewed: 'unverified', afterSeq: 1 },
    ])
  })

  test('an answer about another conversation is refused', async () => {
    const other = ConversationId.parse(crypto.randomUUID())
    const reading = device.reading
    const { call } = reading
    const lying = {
      ...reading,
      call: ((endpoint, input) => {
        return call(endpoint, { ...input, params: { conversationId: people.id } } as typeof input)
      }) as typeof call,
    }
    await expect(refreshConversation(lying, other)).rejects.toMatchObject({
      code: 'untrusted_answer',
    })
    await expect(refreshConversation(reading, people.id, () => false)).rejects.toMatchObject({
      code: 'untrusted_answer',
    })
  })

  test('keys of people outside a conversation are not learned with it', async () => {
    const stranger = await Person.create('Eve')
    const conversation = people.server.conversation(people.id)
    if (!conversation) throw new Error('the server has no conversation')
    const told = people.server.toldTo(device.accountId, conversation)
    const accounts = [stranger.published, people.bob.person.published]

    await learnOpened(
      device.reading,
      { conversation: told, accounts },
      device.parts.questions.ask(),
    )

    expect(device.parts.contacts.get(stranger.accountId)).toBeUndefined()
    expect(device.parts.contacts.get(writer.accountId)).toBeDefined()
  })

  test('the cursor does not move if a page could not be read', async () => {
    const before = await device.context.storage.load(CURSOR)
    await deliver('one')
    await deliver('two')
    people.server.onCall = ({ path }) => {
      if (path.endsWith('/envelopes')) throw new ClientError('unavailable')
    }
    // The conversation itself carries only the last message.
    await deliver('three')
    await device.receive.pushed(people.id, people.server.log(people.id).slice(0, 1))

    await expect(device.catchUp()).rejects.toMatchObject({ code: 'unavailable' })

    expect(await device.context.storage.load(CURSOR)).toBe(before)
  })
})
