import { randomUUID } from 'node:crypto'
import {
  type ConversationId,
  chatRequests,
  type Job,
  MAX_DEVICES,
  noPassword,
  writtenWrap,
  writtenWraps,
} from '@sotto/wire'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import { sealedName } from '../../../../tests/services/signed-statements.ts'
import { envelopeIn, type Person, requestConversation, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat
const jobs: Extract<Job, { type: 'sessions.end' }>[] = []

beforeAll(async () => {
  chat = await startChat()
  await chat.broker.consumeJobs('sessions.end', async (job) => void jobs.push(job))
})
afterAll(() => chat[Symbol.asyncDispose]())

const publish = (as: Person, record: string) =>
  chat.call(as, chatRequests.putUser, { body: { record, picture: null } })
const enroll = (as: Person, credential = as.credential()) =>
  chat.call(as, chatRequests.putDevice, {
    params: { deviceId: as.deviceId },
    body: { credential },
  })
const jobsOf = (person: Person) => jobs.filter(({ accountId }) => accountId === person.accountId)
const revocationOf = ({ deviceId }: Person, at = Date.now()) => ({ device: deviceId, at })

/** A person with two enrolled devices. */
async function withTablet(name: string): Promise<[Person, Person]> {
  const laptop = await chat.person(name)
  const tablet = laptop.onAnotherDevice()
  await enroll(tablet)
  return [laptop, tablet]
}

/** Every request with which a device may change something, and the answer. */
async function writesOf(as: Person, id: ConversationId, stranger: Person) {
  const { accountId } = stranger
  const wrap = { kind: 'password', ciphertext: 'AAAA' } as const
  const sent = {
    putUser: { body: { record: as.record({ version: 9 }), picture: null } },
    putDevice: { params: { deviceId: as.deviceId }, body: { credential: as.credential() } },
    putBox: as.box('keys', { version: 1, ciphertext: 'AAAA' }),
    putWrap: {
      params: { kind: 'password' },
      body: { ciphertext: 'AAAA', write: as.write(writtenWrap(wrap), 1) },
    },
    replaceWraps: { body: { wraps: [wrap], write: as.write(writtenWraps([wrap]), 1) } },
    removePassword: { body: { write: as.write(noPassword, 1) } },
    putManifest: { body: { manifest: as.manifest() } },
    createConversation: {
      body: { id: randomUUID(), protocol: 'ecdh', participants: [accountId] },
    },
    answerConversation: { params: { conversationId: id }, body: { state: 'accepted' } },
    unblock: { params: { accountId } },
  } as const
  const codes: Record<string, string | undefined> = {}
  for (const [name, request] of Object.entries(sent)) {
    codes[name] = (await chat.call(as, chatRequests[name as keyof typeof sent], request)).code
  }
  return codes
}

describe('a record that names a device revokes it', () => {
  test('its envelopes and all of its writes are rejected', async () => {
    const [laptop, tablet] = await withTablet('Alice')
    const bob = await chat.person('Bob')
    const id = await startConversation(chat, laptop, bob)
    const [before] = await chat.send([[tablet, envelopeIn(id)]])
    expect(before?.fate).toBe('accepted')

    const record = laptop.record({ version: 2, revoked: [revocationOf(tablet)] })
    expect((await publish(laptop, record)).status).toBe(200)

    const refused = 'device_not_enrolled'
    expect(await chat.send([[tablet, envelopeIn(id)]])).toMatchObject([{ code: refused }])
    const codes = await writesOf(tablet, id, await chat.person('Stranger'))
    expect(new Set(Object.values(codes))).toEqual(new Set([refused]))
    expect(await chat.send([[laptop, envelopeIn(id)]])).toMatchObject([{ fate: 'accepted' }])
  })

  test('its marks no longer count, and its typing is not announced', async () => {
    const [laptop, tablet] = await withTablet('Alice')
    const bob = await chat.person('Bob')
    const id = await startConversation(chat, laptop, bob)
    await chat.send([[bob, envelopeIn(id)]])
    await publish(laptop, laptop.record({ version: 2, revoked: [revocationOf(tablet)] }))
    const mark = (seq: number) => ({ conversationId: id, deliveredSeq: seq, readSeq: 0 })
    const toldOf = ({ accountId }: Person) =>
      chat.events.filter((event) => 'accountId' in event && event.accountId === accountId)

    const receipts = [{ actor: tablet.actor, receipt: mark(1) }]
    await chat.command({ type: 'receipts.record', receipts })
    await chat.command({ type: 'typing.announce', actor: tablet.actor, conversationId: id })
    await chat.command({ type: 'typing.announce', actor: bob.actor, conversationId: id })
    await chat.event('typing.started', ({ accountId }) => accountId === bob.accountId)
    await chat.settle()
    expect(toldOf(laptop).map(({ type }) => type)).not.toContain('typing.started')
    expect(toldOf(laptop).map(({ type }) => type)).not.toContain('receipts.changed')

    const both = [laptop, tablet].map(({ actor }, n) => ({ actor, receipt: mark(1 - n) }))
    await chat.command({ type: 'receipts.record', receipts: both })
    const told = await chat.event(
      'receipts.changed',
      ({ accountId }) => accountId === laptop.accountId,
    )
    expect(told.receipts).toEqual([mark(1)])
  })

  test('it stays in the list, because its signatures verify older messages', async () => {
    const [laptop, tablet] = await withTablet('Alice')
    await publish(laptop, laptop.record({ version: 2, revoked: [revocationOf(tablet)] }))
    const params = { accountId: laptop.accountId }
    const { body } = await chat.call(laptop, chatRequests.getUser, { params })
    expect(body.devices.map(({ deviceId }) => deviceId)).toEqual([laptop.deviceId, tablet.deviceId])
    expect(Object.keys(body.devices[0] ?? {})).toEqual(['deviceId', 'credential'])
  })

  test('its sessions end, once for each revocation, and contacts are notified once', async () => {
    const [laptop, tablet] = await withTablet('Alice')
    const bob = await chat.person('Bob')
    await requestConversation(chat, laptop, bob)
    await chat.settle()
    chat.events.length = 0
    const revoked = [revocationOf(tablet)]
    const record = laptop.record({ version: 2, revoked })
    await publish(laptop, record)
    await publish(laptop, record)
    await publish(laptop, laptop.record({ version: 3, revoked }))

    await eventually('a job', () => jobsOf(laptop).length > 0)
    await chat.settle()
    expect(jobsOf(laptop)).toEqual([
      {
        type: 'sessions.end',
        accountId: laptop.accountId,
        devices: { only: [tablet.deviceId] },
        startedBefore: expect.any(Number),
      },
    ])
    const told = chat.events.filter(({ type }) => type === 'account.changed')
    expect(told.map(({ recipients }) => recipients.toSorted())).toEqual(
      Array(2).fill([laptop.accountId, bob.accountId].toSorted()),
    )
  })

  test('a revoked device id that never enrolled can no longer enroll', async () => {
    const laptop = await chat.person('Alice')
    const lost = laptop.onAnotherDevice()
    await publish(laptop, laptop.record({ version: 2, revoked: [revocationOf(lost)] }))

    expect((await enroll(lost)).code).toBe('device_not_enrolled')
    await eventually('a job', () => jobsOf(laptop).length === 1)
  })

  test('a device may revoke itself, and repeat the request if the answer was lost', async () => {
    const [laptop, tablet] = await withTablet('Alice')
    const record = tablet.record({ version: 2, revoked: [revocationOf(tablet)] })
    expect((await publish(tablet, record)).status).toBe(200)
    expect((await publish(tablet, record)).status).toBe(200)
    expect((await publish(tablet, tablet.record({ version: 3 }))).code).toBe('device_not_enrolled')
    expect((await enroll(laptop)).status).toBe(200)
  })

  test('a later record never drops a revocation', async () => {
    const [laptop, tablet] = await withTablet('Alice')
    const revoked = [revocationOf(tablet)]
    await publish(laptop, laptop.record({ version: 2, revoked }))

    const dropped = await publish(laptop, laptop.record({ version: 3 }))
    expect(dropped.body).toEqual({ code: 'invalid_request', details: { field: 'body/record' } })
    const phone = laptop.onAnotherDevice()
    const more = laptop.record({ version: 3, revoked: [...revoked, revocationOf(phone)] })
    expect((await publish(laptop, more)).status).toBe(200)
  })
})

describe('a record with another identity key', () => {
  test('revokes every device except the caller and ends the sessions that began before', async () => {
    const [laptop, tablet] = await withTablet('Alice')
    const bob = await chat.person('Bob')
    const id = await startConversation(chat, laptop, bob)
    const renewed = laptop.withNewKeys()
    expect((await publish(renewed, renewed.record({ version: 2 }))).status).toBe(200)

    expect(await chat.send([[tablet, envelopeIn(id)]])).toMatchObject([
      { code: 'device_not_enrolled' },
    ])
    expect(await chat.send([[renewed, envelopeIn(id)]])).toMatchObject([{ fate: 'accepted' }])
    expect((await enroll(renewed)).status).toBe(200)
    await eventually('a job', () => jobsOf(laptop).length > 0)
    expect(jobsOf(laptop)).toMatchObject([{ devices: { allBut: laptop.deviceId } }])
  })

  test('starts with an empty list of revocations, and the devices stay revoked', async () => {
    const [laptop, tablet] = await withTablet('Alice')
    await publish(laptop, laptop.record({ version: 2, revoked: [revocationOf(tablet)] }))
    const renewed = laptop.withNewKeys()
    expect((await publish(renewed, renewed.record({ version: 3 }))).status).toBe(200)
    expect((await enroll(tablet)).code).toBe('device_not_enrolled')
  })

  test("the old key's signatures are no longer accepted", async () => {
    const laptop = await chat.person('Alice')
    const renewed = laptop.withNewKeys()
    await publish(renewed, renewed.record({ version: 2 }))

    const refused = { status: 400, code: 'bad_signature' }
    expect(await publish(laptop, laptop.record({ version: 3 }))).toMatchObject(refused)
    expect(await enroll(laptop)).toMatchObject(refused)
    const body = { manifest: laptop.manifest() }
    expect(await chat.call(laptop, chatRequests.putManifest, { body })).toMatchObject(refused)
  })
})

describe('a device id keeps its key', () => {
  test('rejects another key; accepts the same key with another name', async () => {
    const alice = await chat.person('Alice')
    const { publicKey } = { publicKey: JSON.parse(payloadOf(alice.record())).identityKey }
    expect(await enroll(alice, alice.credential({ deviceKey: publicKey }))).toMatchObject({
      status: 409,
      code: 'device_id_taken',
    })
    expect((await enroll(alice, alice.credential({ sealedName: sealedName() }))).status).toBe(200)
  })

  test('even if two enroll with the same id concurrently', async () => {
    const alice = await chat.person('Alice')
    const tablet = alice.onAnotherDevice()
    const otherKey = JSON.parse(payloadOf(alice.record())).identityKey
    const answers = await Promise.all([
      enroll(tablet),
      enroll(tablet, tablet.credential({ deviceKey: otherKey })),
    ])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409])
  })
})

test('a concurrent revocation and enrollment leave no revoked device enrolled', async () => {
  for (let n = 0; n < 5; n += 1) {
    const alice = await chat.person('Alice')
    const bob = await chat.person('Bob')
    const id = await startConversation(chat, alice, bob)
    const tablet = alice.onAnotherDevice()
    const record = alice.record({ version: 2, revoked: [revocationOf(tablet)] })
    await Promise.all([enroll(tablet), publish(alice, record)])

    expect(await chat.send([[tablet, envelopeIn(id)]])).toMatchObject([
      { code: 'device_not_enrolled' },
    ])
  }
})

test('the devices of an account are limited, including revoked ones', async () => {
  const alice = await chat.person('Alice')
  const others = Array.from({ length: MAX_DEVICES - 1 }, () => alice.onAnotherDevice())
  await Promise.all(others.map((other) => enroll(other)))
  const revoked = others.map((other) => revocationOf(other))
  expect((await publish(alice, alice.record({ version: 2, revoked }))).status).toBe(200)

  expect((await enroll(alice.onAnotherDevice())).code).toBe('quota_exceeded')
})

function payloadOf(statement: string): string {
  return Buffer.from(statement.split('.')[1] ?? '', 'base64url').toString()
}
