import { randomUUID } from 'node:crypto'
import { createMetrics } from '@sotto/service-runtime'
import { chatRequests, type Verdict } from '@sotto/wire'
import { chatOperatorRequests } from '@sotto/wire/operator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { usualQuotas } from '../../src/quota-variables.ts'
import { CONVERSATION_BYTES, ENVELOPE_BYTES } from '../../src/store/usage/account-usage.ts'
import { envelopeIn, type Person, requestConversation, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR

const quotas = {
  ...usualQuotas,
  bytes: 20_000,
  youngBytes: 10_000,
  hourlyBytes: 40_000,
  conversations: 3,
  devices: 2,
  pastRecords: 1,
}
// An hour begins here.
const START = 500_000 * HOUR
let now = START

let chat: TestChat
let alice: Person
let bob: Person

beforeAll(async () => {
  chat = await startChat({ quotas }, { now: () => now })
})
beforeEach(async () => {
  now = START
  alice = await chat.person('Alice')
  bob = await chat.person('Bob')
  now += 8 * DAY
})
afterAll(() => chat[Symbol.asyncDispose]())

/** An envelope that uses this many bytes in total. */
const envelopeOf = (conversationId: string, bytes: number) =>
  envelopeIn(conversationId, { ciphertext: 'x'.repeat(bytes - ENVELOPE_BYTES) })

const codes = (verdicts: readonly Verdict[]) =>
  verdicts.map((verdict) => (verdict.fate === 'refused' ? verdict.code : verdict.seq))

const usageOf = async (person: Person) => (await chat.call(person, chatRequests.ownUsage)).body

test('everything that an account sends is counted, and rejected if it does not fit', async () => {
  const id = await startConversation(chat, alice, bob)
  const fits = envelopeOf(id, 12_000)
  const verdicts = await chat.send([
    [alice, fits],
    [alice, envelopeOf(id, 8_000)],
    [alice, envelopeOf(id, 500)],
    [bob, envelopeOf(id, 9_000)],
  ])

  expect(codes(verdicts)).toEqual([1, 'quota_exceeded', 2, 3])
  expect((await usageOf(alice)).bytes).toEqual({
    used: CONVERSATION_BYTES + 12_500,
    allowed: 20_000,
  })
  // Envelopes from others do not use the recipient's quota.
  expect((await usageOf(bob)).bytes).toEqual({ used: 9_000, allowed: 20_000 })
  // The same applies to the next batch; accepted envelopes stay accepted.
  const again = await chat.send([
    [alice, envelopeOf(id, 8_000)],
    [alice, fits],
  ])
  expect(codes(again)).toEqual(['quota_exceeded', 1])
})

test('concurrent batches are all counted', async () => {
  const id = await startConversation(chat, alice, bob)
  const rsa = await startConversation(chat, alice, bob, 'rsa')
  const batches = Array.from({ length: 8 }, (_, n) =>
    chat.send([
      [alice, envelopeOf(n % 2 ? id : rsa, 500)],
      [bob, envelopeOf(n % 2 ? rsa : id, 300)],
    ]),
  )
  expect(codes((await Promise.all(batches)).flat())).toHaveLength(16)

  expect((await usageOf(alice)).bytes.used).toBe(2 * CONVERSATION_BYTES + 8 * 500)
  expect((await usageOf(bob)).bytes.used).toBe(8 * 300)
})

test('envelopes that arrive too fast wait for the next hour, and nothing overtakes them', async () => {
  const id = await startConversation(chat, alice, bob)
  await chat.sql`
    update chat.account_usage set allowed_bytes = 1000000 where account_id = ${alice.accountId}`
  const verdicts = await chat.send([
    [alice, envelopeOf(id, 30_000)],
    [alice, envelopeOf(id, 20_000)],
    [alice, envelopeOf(id, 300)],
  ])
  expect(codes(verdicts)).toEqual([1, 'rate_limited', 'rate_limited'])
  expect(await usageOf(alice)).toMatchObject({
    bytes: { allowed: 1_000_000 },
    bytesThisHour: { used: 30_000, allowed: 40_000 },
  })

  now += HOUR
  expect((await usageOf(alice)).bytesThisHour.used).toBe(0)
  expect(codes(await chat.send([[alice, envelopeOf(id, 20_000)]]))).toEqual([2])
  expect((await usageOf(alice)).bytesThisHour.used).toBe(20_000)
})

test('a new account has a smaller quota, and is told until when', async () => {
  now = START
  const id = await startConversation(chat, alice, bob)
  expect(await usageOf(alice)).toMatchObject({
    bytes: { allowed: 10_000 },
    bytesThisHour: { allowed: 10_000 },
    youngUntil: START + 7 * DAY,
  })
  expect(codes(await chat.send([[alice, envelopeOf(id, 9_500)]]))).toEqual(['quota_exceeded'])

  now += 7 * DAY
  expect(codes(await chat.send([[alice, envelopeOf(id, 9_500)]]))).toEqual([1])
  expect(await usageOf(alice)).toMatchObject({ bytes: { allowed: 20_000 }, youngUntil: null })
})

test('conversations count for their creator, with their size', async () => {
  const others = await Promise.all(['C', 'D', 'E'].map((name) => chat.person(name)))
  const begin = (person: Person, other: Person) =>
    chat.call(person, chatRequests.createConversation, {
      body: { id: crypto.randomUUID(), protocol: 'ecdh', participants: [other.accountId] },
    })
  for (const other of others) expect((await begin(alice, other)).status).toBe(200)

  expect(await begin(alice, bob)).toMatchObject({
    status: 409,
    body: { code: 'quota_exceeded', details: { quota: 'conversations', used: 3, allowed: 3 } },
  })
  // Others may start one, which counts for them.
  expect((await begin(bob, alice)).status).toBe(200)
  expect((await usageOf(bob)).conversations).toEqual({ used: 1, allowed: 3 })

  await chat.sql`
    update chat.account_usage set allowed_bytes = 1500 where account_id = ${bob.accountId}`
  expect((await begin(bob, others[0] as Person)).body).toMatchObject({
    details: { quota: 'bytes', used: CONVERSATION_BYTES, allowed: 1_500 },
  })
})

test('devices are counted, including revoked ones', async () => {
  await alice.onAnotherDevice().enter(chat)
  const third = alice.onAnotherDevice()
  const { deviceId } = third
  const answer = await chat.call(third, chatRequests.putDevice, {
    params: { deviceId },
    body: { credential: third.credential() },
  })

  expect(answer.body).toEqual({
    code: 'quota_exceeded',
    details: { quota: 'devices', used: 2, allowed: 2 },
  })
  expect((await usageOf(alice)).devices).toEqual({ used: 2, allowed: 2 })
})

test('a full account can still store everything that keeps it safe', async () => {
  await chat.sql`
    update chat.account_usage set allowed_bytes = 0 where account_id = ${alice.accountId}`
  const tablet = alice.onAnotherDevice()
  const answers = [
    await chat.call(alice, chatRequests.putUser, {
      body: { record: alice.record({ version: 2 }), picture: null },
    }),
    await chat.call(
      alice,
      chatRequests.putBox,
      alice.box('keys', { version: 1, ciphertext: 'AAAA' }),
    ),
    await chat.call(alice, chatRequests.putManifest, { body: { manifest: alice.manifest() } }),
    await chat.call(tablet, chatRequests.putDevice, {
      params: { deviceId: tablet.deviceId },
      body: { credential: tablet.credential() },
    }),
  ]
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
})

test('former records beyond the quota are deleted, oldest first', async () => {
  const { accountId } = alice
  for (let n = 0; n < 3; n += 1) {
    const renewed = alice.withNewKeys()
    await chat.call(renewed, chatRequests.putUser, {
      body: { record: renewed.record({ version: n + 2 }), picture: null },
    })
  }
  const { body } = await chat.call(alice, chatRequests.getUser, { params: { accountId } })
  expect(body.pastRecords).toHaveLength(1)
  expect((await usageOf(alice)).pastRecords).toEqual({ used: 1, allowed: 1 })
})

test('the metrics show the usage, and how many accounts are near their quota', async () => {
  const metrics = createMetrics()
  await using own = await startChat({ quotas }, { metrics })
  const [near, over, fine] = [await own.person('N'), await own.person('O'), await own.person('F')]
  const fill = (person: Person, bytes: number) => own.sql`
    update chat.account_usage set bytes = ${bytes} where account_id = ${person.accountId}`
  // All of these accounts are young.
  await Promise.all([fill(near, 8_000), fill(over, 10_000), fill(fine, 7_999)])

  const text = await metrics.read()
  expect(text).toContain('sotto_kept_bytes 25999\n')
  expect(text).toContain('sotto_quota_accounts{state="near"} 1\n')
  expect(text).toContain('sotto_quota_accounts{state="over"} 1\n')
})

test('a request to a stranger counts for the requester, however it is answered', async () => {
  const id = await requestConversation(chat, alice, bob)
  await chat.send([[alice, envelopeOf(id, 400)]])

  expect((await usageOf(alice)).bytes.used).toBe(CONVERSATION_BYTES + 400)
  expect((await usageOf(bob)).bytes.used).toBe(0)
})

test('the operator sets and removes limits for one account', async () => {
  const { accountId } = alice
  const set = (body: object) =>
    chat.operate(chatOperatorRequests.setQuota, { params: { accountId }, body })
  expect((await set({ devices: 1, conversations: 0, bytes: 5_000 })).body).toEqual({
    devices: 1,
    conversations: 0,
    bytes: 5_000,
  })
  expect(await usageOf(alice)).toMatchObject({
    bytes: { allowed: 5_000 },
    conversations: { allowed: 0 },
    devices: { used: 1, allowed: 1 },
  })
  const laptop = alice.onAnotherDevice()
  const enroll = async () => {
    const body = { credential: laptop.credential() }
    const params = { deviceId: laptop.deviceId }
    return (await chat.call(laptop, chatRequests.putDevice, { params, body })).code
  }
  expect(await enroll()).toBe('quota_exceeded')
  expect((await set({ devices: 2 })).body).toMatchObject({ devices: 2, conversations: 0 })
  expect(await enroll()).toBeUndefined()
  await expect(startConversation(chat, alice, bob)).rejects.toThrow()
  expect((await set({ devices: null, conversations: null, bytes: null })).body).toEqual({
    devices: null,
    conversations: null,
    bytes: null,
  })
  const id = await startConversation(chat, alice, bob)
  expect(codes(await chat.send([[alice, envelopeOf(id, 9_000)]]))).toEqual([1])
  for (const wrong of [
    { devices: 65 },
    { devices: 0 },
    { bytes: -1 },
    { bytes: 1.5 },
    { more: 1 },
  ]) {
    expect((await set(wrong)).status, JSON.stringify(wrong)).toBe(400)
  }
  const nobody = { accountId: randomUUID() }
  const answer = await chat.operate(chatOperatorRequests.setQuota, { params: nobody, body: {} })
  expect(answer.code).toBe('account_not_found')
})
