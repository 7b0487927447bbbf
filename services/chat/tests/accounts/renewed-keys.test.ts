import { chatRequests, MAX_SUCCESSIONS, writtenStop } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answer, type Person, requestConversation, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

// New keys that the published ones have signed (PROTOCOL.md §10.15).

let chat: TestChat

beforeAll(async () => {
  // A device is in use that could object, so other new keys wait.
  const findLastSeen = async () => Date.now()
  chat = await startChat({ newKeysDelayHours: 24, limitFactor: 10 }, { findLastSeen })
})
afterAll(() => chat[Symbol.asyncDispose]())

const renew = (as: Person, record: string, successions: readonly string[]) =>
  chat.call(as, chatRequests.putUser, {
    body: { record, picture: null, successions: [...successions] },
  })
const seenBy = async (viewer: Person, { accountId }: Person) =>
  (await chat.call(viewer, chatRequests.getUser, { params: { accountId } })).body
const enroll = (as: Person) =>
  chat.call(as, chatRequests.putDevice, {
    params: { deviceId: as.deviceId },
    body: { credential: as.credential() },
  })

/** Alice with a second enrolled device. */
async function twoDevices() {
  const alice = await chat.person('Alice')
  const phone = alice.onAnotherDevice()
  expect((await enroll(phone)).status).toBe(200)
  return { alice, phone }
}

test('keys that the published ones have signed take effect immediately and revoke every other device', async () => {
  const { alice, phone } = await twoDevices()
  const next = alice.withNewKeys()
  const record = next.record({ version: 2 })
  const succession = alice.succession(next)

  expect((await renew(next, record, [succession])).status).toBe(200)
  // The answer was lost, so the request is repeated.
  expect((await renew(next, record, [succession])).status).toBe(200)

  expect(await seenBy(next, next)).toMatchObject({ record, successions: [succession] })
  expect((await enroll(phone)).code).toBe('device_not_enrolled')
  expect((await enroll(next)).status).toBe(200)
})

test('keys that wait for a stop are forgotten, and an earlier stop does not prevent a renewal', async () => {
  const alice = await chat.person('Alice')
  const mallory = alice.onAnotherDevice().withNewKeys()
  const wish = mallory.record({ version: 2 })
  expect((await renew(mallory, wish, [])).code).toBe('invalid_request')
  const publish = (as: Person, record: string) =>
    chat.call(as, chatRequests.putUser, { body: { record, picture: null } })
  expect((await publish(mallory, wish)).code).toBe('new_keys_wait')
  const next = alice.withNewKeys()
  const identityKey = next.keys.identity.publicKey
  const write = alice.write(writtenStop(identityKey), 1)
  await chat.call(alice, chatRequests.stopNewKeys, { body: { identityKey, write } })

  expect((await renew(next, next.record({ version: 2 }), [alice.succession(next)])).status).toBe(
    200,
  )

  const { body } = await chat.call(next, chatRequests.listNewKeys)
  expect(body.waiting).toEqual([])
})

test('a device that is not enrolled, or was revoked, cannot renew keys', async () => {
  const { alice, phone } = await twoDevices()
  const stranger = alice.onAnotherDevice().withNewKeys()
  const record = stranger.record({ version: 2 })
  // An attacker has a log-in and an unpublished succession.
  expect((await renew(stranger, record, [alice.succession(stranger)])).code).toBe('new_keys_wait')

  const revoked = [{ device: phone.deviceId, at: Date.now() }]
  await chat.call(alice, chatRequests.putUser, {
    body: { record: alice.record({ version: 2, revoked }), picture: null },
  })
  const thief = phone.withNewKeys()
  const refused = await renew(thief, thief.record({ version: 3 }), [phone.succession(thief)])
  expect(refused.code).toBe('device_not_enrolled')
})

test('rejects a succession of other keys, of another account, or of another kind', async () => {
  const [alice, bob] = [await chat.person('Alice'), await chat.person('Bob')]
  const next = alice.withNewKeys()
  const record = next.record({ version: 2 })
  const published = (await seenBy(alice, alice)).record
  const other = alice.withNewKeys()
  const refusals: [string, string[]][] = [
    // Signed by a different key than the one it names.
    ['bad_signature', [other.succession(next, { formerKey: alice.keys.identity.publicKey })]],
    ['bad_signature', [alice.succession(other)]],
    ['bad_signature', [alice.succession(next, { identityKey: other.keys.identity.publicKey })]],
    ['bad_signature', [next.succession(next)]],
    ['forbidden', [alice.succession(next, { account: bob.accountId })]],
    ['invalid_request', [alice.credential()]],
    ['invalid_request', [alice.succession(next, { more: 1 } as object)]],
    ['invalid_request', [alice.succession(next, { device: 'none' })]],
    // Two that do not follow one another: a fork.
    ['bad_signature', [alice.succession(next), alice.succession(other)]],
  ]
  for (const [code, successions] of refusals) {
    expect((await renew(next, record, successions)).code).toBe(code)
  }
  // The succession is valid, but not by the published key, so these are new keys like any others.
  expect((await renew(next, record, [other.succession(next)])).code).toBe('new_keys_wait')
  expect((await seenBy(alice, alice)).record).toBe(published)
})

test('a succession that was once valid restores nothing', async () => {
  const alice = await chat.person('Alice')
  const second = alice.withNewKeys()
  const toSecond = alice.succession(second)
  await renew(second, second.record({ version: 2 }), [toSecond])
  const third = second.withNewKeys()
  const toThird = second.succession(third)
  expect((await renew(third, third.record({ version: 3 }), [toThird])).status).toBe(200)

  const replayed = await renew(second, second.record({ version: 4 }), [toSecond])
  const fork = alice.withNewKeys()
  const forked = await renew(fork, fork.record({ version: 4 }), [alice.succession(fork)])

  expect([replayed.code, forked.code]).toEqual(['new_keys_wait', 'new_keys_wait'])
  expect((await seenBy(third, third)).successions).toEqual([toThird, toSecond])
})

test('the first of two concurrent renewals takes effect', async () => {
  const { alice, phone } = await twoDevices()
  const [first, second] = [alice.withNewKeys(), phone.withNewKeys()]
  const answers = await Promise.all([
    renew(first, first.record({ version: 2 }), [alice.succession(first)]),
    renew(second, second.record({ version: 2 }), [phone.succession(second)]),
  ])
  const codes = answers.map(({ status, code }) => (status === 200 ? 'ok' : code)).toSorted()
  expect(codes[1]).toBe('ok')
  expect(['device_not_enrolled', 'stale_version']).toContain(codes[0])
})

test('the newest successions are kept, and new keys that need not wait start a new list', async () => {
  let person = await chat.person('Alice')
  const successions: string[] = []
  for (let version = 2; version <= MAX_SUCCESSIONS + 3; version++) {
    const next = person.withNewKeys()
    const succession = person.succession(next)
    expect((await renew(next, next.record({ version }), [succession])).status).toBe(200)
    successions.unshift(succession)
    person = next
  }
  const shown = (await seenBy(person, person)).successions
  expect(shown).toEqual(successions.slice(0, MAX_SUCCESSIONS))
  const tooMany = Array.from({ length: MAX_SUCCESSIONS + 1 }, () => successions[0] ?? '')
  const answerToMany = await renew(person, person.record({ version: 20 }), tooMany)
  expect(answerToMany.code).toBe('invalid_request')
})

test('a device that repairs a restored server restores the history of its keys', async () => {
  const alice = await chat.person('Alice')
  const second = alice.withNewKeys()
  const third = alice.withNewKeys()
  const chain = [second.succession(third), alice.succession(second)]

  // The server has the first keys, the device the third ones and both successions.
  expect((await renew(third, third.record({ version: 2 }), chain)).status).toBe(200)

  expect((await seenBy(third, third)).successions).toEqual(chain)
  // The next record under the same key does not mention it, and changes nothing.
  await chat.call(third, chatRequests.putUser, {
    body: { record: third.record({ version: 3 }), picture: null },
  })
  expect((await seenBy(third, third)).successions).toEqual(chain)
})

test('participants see all successions, including earlier ones; strangers see none', async () => {
  const [alice, bob, asked, stranger] = [
    await chat.person('Alice'),
    await chat.person('Bob'),
    await chat.person('Asked'),
    await chat.person('Stranger'),
  ]
  const next = alice.withNewKeys()
  const succession = alice.succession(next)
  await renew(next, next.record({ version: 2 }), [succession])
  await enroll(next)
  await startConversation(chat, bob, next)
  const id = await requestConversation(chat, next, asked)
  await answer(chat, asked, id, 'declined')

  for (const viewer of [next, bob, asked]) {
    expect((await seenBy(viewer, next)).successions).toEqual([succession])
  }
  expect(await seenBy(stranger, next)).not.toHaveProperty('successions')
  expect(await seenBy(next, bob)).not.toHaveProperty('successions')
})

test('keys without a signature by the former ones leave no succession', async () => {
  const open = await startChat({ newKeysDelayHours: 0 })
  await using _ = open
  const alice = await open.person('Alice')
  const next = alice.withNewKeys()
  const publish = (as: Person, record: string, successions?: string[]) =>
    open.call(as, chatRequests.putUser, {
      body: { record, picture: null, ...(successions && { successions }) },
    })
  await publish(next, next.record({ version: 2 }), [alice.succession(next)])
  const anew = next.withNewKeys()
  expect((await publish(anew, anew.record({ version: 3 }))).status).toBe(200)
  const { body } = await open.call(anew, chatRequests.ownUser)
  expect(body.account).not.toHaveProperty('successions')
})
