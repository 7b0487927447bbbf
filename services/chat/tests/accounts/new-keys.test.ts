import type { LastSeenRequest } from '@sotto/service-runtime'
import { chatRequests, type Job, MAX_DEVICES, MAX_WAITING_KEYS, writtenStop } from '@sotto/wire'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import type { Person } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

const HOUR = 60 * 60 * 1000
const DAY = 24 * HOUR

let chat: TestChat
const clock = { now: Date.now() }
/** When the devices of the account were last seen, and the requests for it. */
const seen: { at: number | null; asked: LastSeenRequest[] } = { at: null, asked: [] }
const told: Extract<Job, { type: 'new_keys.tell' }>[] = []

beforeAll(async () => {
  chat = await startChat(
    { newKeysDelayHours: 24 },
    {
      now: () => clock.now,
      findLastSeen: async (request) => {
        seen.asked.push(request)
        return seen.at
      },
    },
  )
  await chat.broker.consumeJobs('new_keys.tell', async (job) => void told.push(job))
})
afterAll(() => chat[Symbol.asyncDispose]())
beforeEach(() => {
  clock.now = Date.now()
  seen.at = clock.now - DAY
  seen.asked.length = 0
  told.length = 0
})

/** A stranger who has logged in, with different keys. */
const stranger = (person: Person) => person.onAnotherDevice().withNewKeys()
const identityKeyOf = (record: string): string =>
  JSON.parse(Buffer.from(record.split('.')[1] ?? '', 'base64url').toString()).identityKey

const publish = (as: Person, record: string) =>
  chat.call(as, chatRequests.putUser, { body: { record, picture: null } })
const waitingFor = async (as: Person) =>
  (await chat.call(as, chatRequests.listNewKeys)).body.waiting
const stop = (as: Person, identityKey: string, version = 1) =>
  chat.call(as, chatRequests.stopNewKeys, {
    body: { identityKey, write: as.write(writtenStop(identityKey), version) },
  })
const publishedKey = async (as: Person) =>
  identityKeyOf((await chat.call(as, chatRequests.ownUser)).body.account?.record ?? '')

test('new keys for an account in use wait, and all of its devices are notified', async () => {
  const alice = await chat.person('Alice')
  const mallory = stranger(alice)
  const record = mallory.record({ version: 2 })
  await chat.settle()
  chat.events.length = 0
  const dueAt = clock.now + DAY

  const wait = { code: 'new_keys_wait', details: { dueAt } }
  expect((await publish(mallory, record)).body).toEqual(wait)
  clock.now += DAY - 1
  expect((await publish(mallory, record)).body).toEqual(wait)

  expect(seen.asked).toEqual([{ accountId: alice.accountId, deviceIds: [alice.deviceId] }])
  await chat.settle()
  const { accountId } = alice
  expect(chat.events).toEqual([{ type: 'account.changed', recipients: [accountId], accountId }])
  await eventually('the owner to be told', () => told.length > 0)
  expect(told).toEqual([{ type: 'new_keys.tell', accountId, dueAt }])
  const identityKey = identityKeyOf(record)
  expect(await waitingFor(alice)).toEqual([{ identityKey, askedAt: dueAt - DAY, dueAt }])
  expect(await publishedKey(alice)).toBe(identityKeyOf(alice.record()))
})

test('meanwhile they cannot write in the name of the account', async () => {
  const alice = await chat.person('Alice')
  const mallory = stranger(alice)
  await publish(mallory, mallory.record({ version: 2 }))
  const { deviceId } = mallory
  const refused = [
    await chat.call(mallory, chatRequests.putDevice, {
      params: { deviceId },
      body: { credential: mallory.credential() },
    }),
    await chat.call(mallory, chatRequests.putManifest, {
      body: { manifest: mallory.manifest() },
    }),
    await chat.call(
      mallory,
      chatRequests.putBox,
      mallory.box('keys', { version: 1, ciphertext: 'AAAA' }),
    ),
  ]
  expect(refused.map(({ code }) => code)).toEqual(Array.from(refused, () => 'bad_signature'))
})

test('when the time is over they take effect, and other requests are forgotten', async () => {
  const alice = await chat.person('Alice')
  const [anew, other] = [stranger(alice), stranger(alice)]
  const record = anew.record({ version: 2 })
  await publish(anew, record)
  await publish(other, other.record({ version: 2 }))
  expect(await waitingFor(alice)).toHaveLength(2)
  clock.now += DAY

  expect((await publish(anew, record)).status).toBe(200)

  expect(await publishedKey(alice)).toBe(identityKeyOf(record))
  expect(await waitingFor(alice)).toEqual([])
})

test('the published identity key stops them permanently; a log-in alone cannot', async () => {
  const alice = await chat.person('Alice')
  const mallory = stranger(alice)
  const record = mallory.record({ version: 2 })
  const identityKey = identityKeyOf(record)
  await publish(mallory, record)

  expect((await stop(mallory, identityKey)).code).toBe('bad_signature')
  expect((await stop(alice, identityKey, 2)).body).toEqual({
    code: 'stale_version',
    details: { currentVersion: 1 },
  })
  expect((await stop(alice, identityKey)).status).toBe(200)
  expect((await stop(alice, identityKey)).status).toBe(200)

  expect(await waitingFor(alice)).toEqual([])
  clock.now += DAY
  expect((await publish(mallory, record)).code).toBe('new_keys_stopped')
  expect(await publishedKey(alice)).toBe(identityKeyOf(alice.record()))
})

test('new keys do not wait for devices that were not seen for 30 days, or if there are none', async () => {
  const [alice, bob, carol] = await Promise.all([
    chat.person('Alice'),
    chat.person('Bob'),
    chat.person('Carol', { isPublished: false }),
  ])
  seen.at = clock.now - 30 * DAY
  const anew = stranger(alice)
  expect((await publish(anew, anew.record({ version: 2 }))).status).toBe(200)
  seen.at = null
  const other = stranger(bob)
  expect((await publish(other, other.record({ version: 2 }))).status).toBe(200)
  seen.at = clock.now
  await publish(carol, carol.record())
  const third = stranger(carol)
  expect((await publish(third, third.record({ version: 2 }))).status).toBe(200)
  expect(told).toEqual([])
})

test('revoked devices do not count as seen', async () => {
  const alice = await chat.person('Alice')
  const tablet = alice.onAnotherDevice()
  await tablet.enter(chat)
  const revoked = [{ device: tablet.deviceId, at: clock.now }]
  await publish(alice, alice.record({ version: 2, revoked }))
  const mallory = stranger(alice)
  await publish(mallory, mallory.record({ version: 3 }))
  expect(seen.asked.at(-1)?.deviceIds).toEqual([alice.deviceId])
})

test('the waiting keys of an account are limited, and old ones make room', async () => {
  await using wide = await startChat(
    { newKeysDelayHours: 24, limitFactor: 100 },
    { now: () => clock.now, findLastSeen: async () => clock.now },
  )
  const alice = await wide.person('Alice')
  const ask = async () => {
    const anew = stranger(alice)
    const body = { record: anew.record({ version: 2 }), picture: null }
    return (await wide.call(anew, chatRequests.putUser, { body })).code
  }
  for (let n = 0; n < MAX_WAITING_KEYS; n += 1) expect(await ask()).toBe('new_keys_wait')
  expect(await ask()).toBe('too_many')
  clock.now += 31 * DAY
  expect(await ask()).toBe('new_keys_wait')
})

test('devices of replaced keys make room for new ones, oldest first', async () => {
  seen.at = null
  const alice = await chat.person('Alice')
  const more = Array.from({ length: MAX_DEVICES - 1 }, () => alice.onAnotherDevice())
  for (const device of more) await device.enter(chat)
  const idsOf = async (as: Person) => {
    const { account } = (await chat.call(as, chatRequests.ownUser)).body
    return account?.devices.map(({ deviceId }) => deviceId) ?? []
  }
  const before = await idsOf(alice)
  const renewed = stranger(alice)
  await publish(renewed, renewed.record({ version: 2 }))

  const enrolled = await chat.call(renewed, chatRequests.putDevice, {
    params: { deviceId: renewed.deviceId },
    body: { credential: renewed.credential() },
  })

  expect(enrolled.status).toBe(200)
  expect(new Set(await idsOf(renewed))).toEqual(new Set([...before.slice(1), renewed.deviceId]))
})
