import { chatRequests } from '@sotto/wire'
import { chatOperatorRequests } from '@sotto/wire/operator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEcdhKey } from '../../../../tests/services/signed-statements.ts'
import { sweep } from '../../src/sweep.ts'
import type { Person } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

const DAY = 86_400_000
const days = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04'] as const

let chat: TestChat
let clock = 0

beforeAll(async () => {
  chat = await startChat({ limitFactor: 100 }, { now: () => clock })
})
afterAll(() => chat[Symbol.asyncDispose]())

/** Noon of a day. */
const noon = (day: string) => Date.parse(day) + DAY / 2

async function putBox(person: Person, name: 'keys' | 'contacts', version: number, text: string) {
  const answer = await chat.call(
    person,
    chatRequests.putBox,
    person.box(name, { version, ciphertext: text }),
  )
  expect(answer.status).toBe(200)
}

async function putManifest(person: Person, version: number): Promise<string> {
  const manifest = person.manifest({ version })
  const { status } = await chat.call(person, chatRequests.putManifest, { body: { manifest } })
  expect(status).toBe(200)
  return manifest
}

const show = (person: Person) =>
  chat.operate(chatOperatorRequests.showKeptKeys, { params: { accountId: person.accountId } })
const putBack = (person: Person, day: string) =>
  chat.operate(chatOperatorRequests.putKeysBack, { params: { accountId: person.accountId, day } })

async function stored(person: Person) {
  const box = async (name: 'keys' | 'contacts') =>
    (await chat.call(person, chatRequests.getBox, { params: { box: name } })).body.box
  const { manifest } = (await chat.call(person, chatRequests.getManifest, {})).body
  return { keys: await box('keys'), contacts: await box('contacts'), manifest }
}

/** A person whose boxes and manifest date from the first day. */
async function someone(): Promise<Person> {
  clock = noon(days[0])
  const person = await chat.person('Alice')
  await putBox(person, 'keys', 1, 'AAAA')
  await putBox(person, 'contacts', 1, 'BBBB')
  await putManifest(person, 1)
  return person
}

test('the first replaced entry of each day and kind is kept, however often they are written', async () => {
  const alice = await someone()
  clock = noon(days[1])
  for (let version = 2; version < 12; version++) {
    await putBox(alice, 'contacts', version, 'CCCC')
    clock += 1_000
  }
  clock = noon(days[2])
  await putBox(alice, 'contacts', 12, 'DDDD')

  const { body } = await show(alice)

  expect(body.kept).toEqual([
    { kind: 'contacts', day: days[2], version: 11, replacedAt: noon(days[2]) },
    { kind: 'contacts', day: days[1], version: 1, replacedAt: noon(days[1]) },
  ])
  expect(body.current).toEqual({ keys: 1, contacts: 12, manifest: 1 })
  expect(body.keysChangedAt).toBe(0)
  expect(JSON.stringify(body)).not.toMatch(/AAAA|BBBB|CCCC|DDDD/)
})

test('boxes and manifest are restored together to the start of a day', async () => {
  const alice = await someone()
  clock = noon(days[1])
  await putBox(alice, 'contacts', 2, 'CCCC')
  const before = await putManifest(alice, 2)
  clock = noon(days[2])
  // An attacker with an unlocked device does this.
  await putBox(alice, 'keys', 2, 'EEEE')
  await putBox(alice, 'contacts', 3, 'EEEE')
  await putBox(alice, 'contacts', 4, 'EEEE')
  await putManifest(alice, 3)
  clock = noon(days[3])

  const asThen = {
    keys: { version: 1, ciphertext: 'AAAA' },
    contacts: { version: 2, ciphertext: 'CCCC' },
    manifest: before,
  }
  // Repeating it has the same effect: the kept entries remain.
  for (const _ of [1, 2]) {
    const { body } = await putBack(alice, days[2])
    expect(body).toEqual({ keys: 1, contacts: 2, manifest: 2 })
    expect(await stored(alice)).toEqual(asThen)
  }
  // The account continues from there.
  await putBox(alice, 'contacts', 3, 'FFFF')
  await putManifest(alice, 3)
  expect((await putBack(alice, days[3])).body).toEqual({ keys: 2, contacts: 4, manifest: 3 })
  expect((await putBack(alice, days[0])).body).toEqual({ keys: 1, contacts: 1, manifest: 1 })
})

test('nothing is restored under other keys, or for a forgotten day', async () => {
  const alice = await someone()
  clock = noon(days[1])
  await putBox(alice, 'contacts', 2, 'CCCC')
  const other = alice.record({ version: 2, ecdhKey: createEcdhKey() })
  const renewed = await chat.call(alice, chatRequests.putUser, {
    body: { record: other, picture: null },
  })
  expect(renewed.status).toBe(200)
  clock = noon(days[2])
  await putBox(alice, 'contacts', 3, 'DDDD')
  expect((await show(alice)).body.keysChangedAt).toBe(noon(days[1]))
  for (const day of [days[0], days[1]]) {
    expect(await putBack(alice, day)).toMatchObject({ status: 400, code: 'bad_signature' })
  }
  expect((await putBack(alice, days[2])).body).toEqual({ keys: 1, contacts: 2, manifest: 1 })

  const unknown = { status: 400, code: 'invalid_request' }
  expect(await putBack(alice, '2026-03-09')).toMatchObject(unknown)
  expect(await putBack(alice, '2026-02-30')).toMatchObject(unknown)
  clock = noon(days[2]) + 30 * DAY
  expect(await putBack(alice, days[2])).toMatchObject(unknown)
})

test('nor under a new identity key, or for an account without a manifest', async () => {
  const alice = await someone()
  clock = noon(days[1])
  await putBox(alice, 'contacts', 2, 'CCCC')
  const record = alice.withNewKeys().record({ version: 2 })
  const body = { record, picture: null }
  expect((await chat.call(alice, chatRequests.putUser, { body })).status).toBe(200)
  // Even if the change of keys is no longer remembered.
  await chat.sql`delete from chat.past_records where account_id = ${alice.accountId}`
  clock = noon(days[2])
  expect(await putBack(alice, days[2])).toMatchObject({ code: 'bad_signature' })

  const bob = await chat.person('Bob')
  expect(await putBack(bob, days[2])).toMatchObject({ code: 'invalid_request' })
  const nobody = await chat.person('Nobody', { isPublished: false })
  expect(await putBack(nobody, days[2])).toMatchObject({ code: 'account_not_found' })
  expect(await show(nobody)).toMatchObject({ code: 'account_not_found' })
})

test('kept entries are deleted after 30 days', async () => {
  const alice = await someone()
  clock = noon(days[1])
  await putBox(alice, 'contacts', 2, 'CCCC')
  clock = noon(days[2])
  await putBox(alice, 'contacts', 3, 'DDDD')
  const keptDays = async () => (await show(alice)).body.kept.map(({ day }) => day)

  await sweep(chat.sql, noon(days[1]) + 30 * DAY)
  expect(await keptDays()).toEqual([days[2], days[1]])
  await sweep(chat.sql, noon(days[1]) + 30 * DAY + 1)
  expect(await keptDays()).toEqual([days[2]])
})

test('no client can read the kept entries, and no other token works', async () => {
  const alice = await someone()
  const { path } = chatOperatorRequests.showKeptKeys
  const url = path.replace(':accountId', alice.accountId)
  const headers = { authorization: `Bearer ${alice.token}` }
  expect((await chat.app.inject({ url, headers })).statusCode).toBe(404)
  const params = { accountId: alice.accountId }
  const answer = await chat.operate(chatOperatorRequests.showKeptKeys, { params }, alice.token)
  expect(answer.status).toBe(401)
})
