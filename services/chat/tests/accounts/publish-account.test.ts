import { randomUUID } from 'node:crypto'
import { chatRequests, MAX_PAST_RECORDS, MAX_RECORD_STEP } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePng } from '../../../../tests/services/made-pictures.ts'
import { createEcdhKey } from '../../../../tests/services/signed-statements.ts'
import { pictureOf } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'
import { publish, published } from './publish.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat({ limitFactor: 10 })
})
afterAll(() => chat[Symbol.asyncDispose]())

test('others receive published data unchanged', async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const bob = await chat.person('Bob')
  const { picture, pictureSha256 } = pictureOf(makePng({ width: 256, height: 256 }))
  const record = alice.record({ pictureSha256 })
  expect((await publish(chat, alice, record, picture)).status).toBe(200)

  expect(await published(chat, alice, bob)).toEqual({
    accountId: alice.accountId,
    record,
    picture,
    devices: [],
    pastRecords: [],
  })
})

test('versions only increase; the same statement again changes nothing', async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const [first, second] = [alice.record(), alice.record({ version: 2, name: 'Alice B.' })]
  await publish(chat, alice, first)
  expect((await publish(chat, alice, first)).status).toBe(200)
  expect((await publish(chat, alice, alice.record())).code).toBe('stale_version')
  expect((await publish(chat, alice, second)).status).toBe(200)
  expect((await publish(chat, alice, first)).body).toMatchObject({
    code: 'stale_version',
    details: { currentVersion: 2 },
  })
  expect(await published(chat, alice)).toMatchObject({ record: second })
})

test('a device that knows more than a restored database publishes it', async () => {
  const alice = await chat.person('Alice')
  const third = alice.record({ version: 3, name: 'Alice C.' })

  const body = { record: third, picture: null, after: 1 }
  expect((await chat.call(alice, chatRequests.putUser, { body })).status).toBe(200)

  const known = await published(chat, alice)
  expect(known).toMatchObject({ record: third })
})

test('rejects a version that is far ahead, because it would leave no room for later ones', async () => {
  const alice = await chat.person('Alice')
  const stale = { code: 'stale_version', details: { currentVersion: 1 } }
  expect((await publish(chat, alice, alice.record({ version: 3 }))).body).toEqual(stale)
  const put = (version: number) => {
    const body = { record: alice.record({ version }), picture: null, after: 1 }
    return chat.call(alice, chatRequests.putUser, { body })
  }
  expect((await put(MAX_RECORD_STEP + 2)).body).toEqual(stale)
  expect((await put(MAX_RECORD_STEP + 1)).status).toBe(200)
})

test('one of two concurrent records of the same version wins', async () => {
  const alice = await chat.person('Alice')
  const answers = await Promise.all(
    ['A', 'B', 'C'].map((name) => publish(chat, alice, alice.record({ version: 2, name }))),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
})

test('a past record is kept if one of its keys is no longer in use', async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const renamed = alice.record({ version: 2, name: 'Alice B.' })
  const otherKey = alice.record({ version: 3, ecdhKey: createEcdhKey() })
  const renewed = alice.withNewKeys()
  const otherIdentity = renewed.record({ version: 4 })
  for (const record of [alice.record(), renamed, otherKey]) await publish(chat, alice, record)
  await publish(chat, renewed, otherIdentity)

  expect(await published(chat, alice)).toMatchObject({
    record: otherIdentity,
    pastRecords: [otherKey, renamed],
  })
})

test('past records are kept, newest first, up to a limit', async () => {
  const alice = await chat.person('Alice')
  const records = [alice.record()]
  for (let n = 1; n < MAX_PAST_RECORDS + 3; n += 1) {
    const record = alice.record({ version: 1 + n, ecdhKey: createEcdhKey() })
    records.push(record)
    await publish(chat, alice, record)
  }
  const { pastRecords } = await published(chat, alice)
  expect(pastRecords).toHaveLength(MAX_PAST_RECORDS)
  expect(pastRecords[0]).toBe(records.at(-2))
})

test("a record must be a strict statement of the caller's account", async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const record = alice.record()
  const [header, payload, signature] = record.split('.')
  const withHeader = (text: string) =>
    `${Buffer.from(text).toString('base64url')}.${payload}.${signature}`

  expect((await publish(chat, alice, alice.record({ account: randomUUID() }))).code).toBe(
    'forbidden',
  )
  const broken = [
    alice.credential(),
    withHeader('{"alg":"none","typ":"sotto-account+jws"}'),
    withHeader('{"alg":"EdDSA", "typ":"sotto-account+jws"}'),
    `${header}.${Buffer.from('[]').toString('base64url')}.${signature}`,
    `${header}.${Buffer.from('{').toString('base64url')}.${signature}`,
    `${header}.${payload}AA.${signature}`,
    alice.record({ name: 'line\nbreak' }),
    alice.record({ version: 0 }),
    alice.record({ extra: 1 } as object),
    alice.record({ identityKey: 'short' }),
    alice.record({ revoked: 'none' }),
    alice.record({ revoked: [{ device: randomUUID() }] }),
    alice.record({ revoked: [{ device: 'x', at: 1 }] }),
  ]
  for (const statement of broken) {
    expect(await publish(chat, alice, statement)).toMatchObject({
      status: 400,
      code: 'invalid_request',
    })
  }
})
