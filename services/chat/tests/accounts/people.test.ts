import { randomUUID } from 'node:crypto'
import {
  chatRequests,
  MAX_DEVICES,
  MAX_PAST_RECORDS,
  MAX_PICTURE_BYTES,
  MAX_RECORD_STEP,
  MAX_VERSION_STEP,
  type PublishedAccount,
} from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  jpegSegment,
  makeJpeg,
  makePictureBomb,
  makePng,
  makeWebp,
  pngChunk,
  vp8,
  vp8x,
  webpChunk,
} from '../../../../tests/services/made-pictures.ts'
import { createEcdhKey } from '../../../../tests/services/signed-statements.ts'
import { type Person, pictureOf, requestConversation } from '../person.ts'
import { type Answer, startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat({ limitFactor: 10 })
})
afterAll(() => chat[Symbol.asyncDispose]())

const publish = (person: Person, record: string, picture: string | null = null) =>
  chat.call(person, chatRequests.putUser, { body: { record, picture } })

async function published(person: Person, as = person): Promise<PublishedAccount> {
  const params = { accountId: person.accountId }
  return (await chat.call(as, chatRequests.getUser, { params })).body
}

test('others receive published data unchanged', async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const bob = await chat.person('Bob')
  const { picture, pictureSha256 } = pictureOf(makePng({ width: 256, height: 256 }))
  const record = alice.record({ pictureSha256 })
  expect((await publish(alice, record, picture)).status).toBe(200)

  expect(await published(alice, bob)).toEqual({
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
  await publish(alice, first)
  expect((await publish(alice, first)).status).toBe(200)
  expect((await publish(alice, alice.record())).code).toBe('stale_version')
  expect((await publish(alice, second)).status).toBe(200)
  expect((await publish(alice, first)).body).toMatchObject({
    code: 'stale_version',
    details: { currentVersion: 2 },
  })
  expect(await published(alice)).toMatchObject({ record: second })
})

test('a device that knows more than a restored database publishes it', async () => {
  const alice = await chat.person('Alice')
  const third = alice.record({ version: 3, name: 'Alice C.' })

  const body = { record: third, picture: null, after: 1 }
  expect((await chat.call(alice, chatRequests.putUser, { body })).status).toBe(200)

  const known = await published(alice)
  expect(known).toMatchObject({ record: third })
})

test('rejects a version that is far ahead, because it would leave no room for later ones', async () => {
  const alice = await chat.person('Alice')
  const stale = { code: 'stale_version', details: { currentVersion: 1 } }
  expect((await publish(alice, alice.record({ version: 3 }))).body).toEqual(stale)
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
    ['A', 'B', 'C'].map((name) => publish(alice, alice.record({ version: 2, name }))),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
})

test('a past record is kept if one of its keys is no longer in use', async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const renamed = alice.record({ version: 2, name: 'Alice B.' })
  const otherKey = alice.record({ version: 3, ecdhKey: createEcdhKey() })
  const renewed = alice.withNewKeys()
  const otherIdentity = renewed.record({ version: 4 })
  for (const record of [alice.record(), renamed, otherKey]) await publish(alice, record)
  await publish(renewed, otherIdentity)

  expect(await published(alice)).toMatchObject({
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
    await publish(alice, record)
  }
  const { pastRecords } = await published(alice)
  expect(pastRecords).toHaveLength(MAX_PAST_RECORDS)
  expect(pastRecords[0]).toBe(records.at(-2))
})

test("a record must be a strict statement of the caller's account", async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const record = alice.record()
  const [header, payload, signature] = record.split('.')
  const withHeader = (text: string) =>
    `${Buffer.from(text).toString('base64url')}.${payload}.${signature}`

  expect((await publish(alice, alice.record({ account: randomUUID() }))).code).toBe('forbidden')
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
    expect(await publish(alice, statement)).toMatchObject({ status: 400, code: 'invalid_request' })
  }
})

test('a picture must match the record, be of a known kind, and be small', async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const size = { width: 256, height: 256 }
  const png = pictureOf(makePng(size))
  const attempt = (named: string | null, picture: string | null) =>
    publish(alice, alice.record({ pictureSha256: named }), picture)
  const details = { field: 'body/picture' }
  const refused = { status: 400, body: { code: 'invalid_request', details } }

  expect(await attempt(null, png.picture)).toMatchObject(refused)
  expect(await attempt(png.pictureSha256, null)).toMatchObject(refused)
  expect(await attempt(png.pictureSha256, pictureOf(makeJpeg(size)).picture)).toMatchObject(refused)
  const unknown = ['GIF89a', '<svg>', 'RIFF1234WAVE', '%PDF'].map((text) => Buffer.from(text))
  const large = makeJpeg(size, jpegSegment(0xfe, new Uint8Array(MAX_PICTURE_BYTES - 30)))
  for (const bytes of [...unknown, large]) {
    const { picture, pictureSha256 } = pictureOf(bytes)
    expect(await attempt(pictureSha256, picture)).toMatchObject(refused)
  }
  const webp = pictureOf(makeWebp(vp8x(size), webpChunk('EXIF', new Uint8Array(60_000)), vp8(size)))
  expect((await attempt(webp.pictureSha256, webp.picture)).status).toBe(200)
})

test('rejects a picture that is large when decoded, is animated or hides data', async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const size = { width: 256, height: 256 }
  const bombs = [
    makePictureBomb(),
    makeJpeg({ width: 60_000, height: 60_000 }),
    makeWebp(vp8({ width: 16_000, height: 16_000 })),
    makePng(size, pngChunk('acTL', new Uint8Array(8))),
    makeWebp(vp8x(size, 0x02), vp8(size)),
    Buffer.concat([makePng(size), Buffer.from('<script>alert(1)</script>')]),
  ]
  for (const bytes of bombs) {
    const { picture, pictureSha256 } = pictureOf(bytes)
    expect(await publish(alice, alice.record({ pictureSha256 }), picture)).toMatchObject({
      status: 400,
      body: { details: { field: 'body/picture' } },
    })
  }
  const stored = await chat.sql`
    select 1 from chat.accounts where account_id = ${alice.accountId}`
  expect(stored).toEqual([])
})

test('a name is stored in displayable form or not at all', async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const field = { field: 'body/record' }
  const refused = ['✓ verified Alice', 'Alice 🔒', 'Ali\u200bce', 'Alice\u200f', 'Alice\ue000']
  for (const name of refused) {
    const { status, body } = await publish(alice, alice.record({ name }))
    expect([status, body], name).toEqual([400, { code: 'invalid_request', details: field }])
  }
  // Readers normalize a name that is merely written differently.
  for (const [n, name] of ['Alice 👩‍🚀', 'Ａｌｉｃｅ', 'Alice  Smith'].entries()) {
    expect((await publish(alice, alice.record({ name, version: n + 1 }))).status).toBe(200)
  }
})

test('a record that predates the rules for names is still readable, and accepted again', async () => {
  const [alice, bob] = [await chat.person('Alice'), await chat.person('Bob')]
  const old = alice.record({ name: '✓ Alice', version: 2 })
  await chat.sql`
    update chat.accounts set record = ${old}, record_version = 2 where account_id = ${alice.accountId}`

  expect((await publish(alice, old)).status).toBe(200)
  expect((await published(alice, bob)).record).toBe(old)
  expect((await publish(alice, alice.record({ name: '✓ Alice', version: 3 }))).status).toBe(400)
  expect((await publish(alice, alice.record({ name: 'Alice', version: 3 }))).status).toBe(200)
})

test('a person is found by a differently written name', async () => {
  const alice = await chat.person('Chloë Müller')
  const bob = await chat.person('Bob')
  for (const name of ['CHLOE\u0308  MÜLLER', 'Ｃｈlｏë\u00a0Müller', 'chloë']) {
    const found = await chat.call(bob, chatRequests.listUsers, { query: { name } })
    expect(found.body.accounts, name).toMatchObject([{ accountId: alice.accountId }])
  }
})

test('a device can only enroll itself, with a credential that names it', async () => {
  const alice = await chat.person('Alice')
  const tablet = alice.onAnotherDevice()
  const put = (as: Person, deviceId: string, credential: string) =>
    chat.call(as, chatRequests.putDevice, { params: { deviceId }, body: { credential } })

  expect((await put(alice, tablet.deviceId, tablet.credential())).code).toBe('forbidden')
  expect((await put(tablet, tablet.deviceId, alice.credential())).code).toBe('forbidden')
  const otherAccount = tablet.credential({ account: randomUUID() })
  expect((await put(tablet, tablet.deviceId, otherAccount)).code).toBe('forbidden')
  expect((await put(tablet, tablet.deviceId, tablet.record())).code).toBe('invalid_request')

  const credential = tablet.credential()
  expect((await put(tablet, tablet.deviceId, credential)).status).toBe(200)
  expect((await put(tablet, tablet.deviceId, credential)).status).toBe(200)
  const { devices } = await published(alice)
  expect(devices.map(({ deviceId }) => deviceId)).toEqual([alice.deviceId, tablet.deviceId])
})

test('the devices of an account are limited, even if they enroll concurrently', async () => {
  const alice = await chat.person('Alice')
  const more = Array.from({ length: MAX_DEVICES + 2 }, () => alice.onAnotherDevice())
  await Promise.all(more.map((device) => device.enter(chat)))
  expect((await published(alice)).devices).toHaveLength(MAX_DEVICES)
})

test('a box accepts only later versions', async () => {
  const alice = await chat.person('Alice')
  const params = { box: 'contacts' }
  const put = (version: number, ciphertext: string, after?: number) => {
    const { body } = alice.box('contacts', { version, ciphertext })
    return chat.call(alice, chatRequests.putBox, { params, body: { ...body, after } })
  }
  expect((await chat.call(alice, chatRequests.getBox, { params })).body).toEqual({ box: null })

  expect((await put(1, 'AAAA')).status).toBe(200)
  expect((await put(1, 'AAAA')).status).toBe(200)
  expect((await put(1, 'BBBB')).code).toBe('stale_version')
  const answers = await Promise.all(['CCCC', 'DDDD', 'EEEE'].map((text) => put(2, text)))
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
  const { body } = await chat.call(alice, chatRequests.getBox, { params })
  expect(body.box?.version).toBe(2)
  const stale = { code: 'stale_version', details: { currentVersion: 2 } }
  expect((await put(4, 'FFFF')).body).toEqual(stale)
  // After a restored backup, but never over another device's later write.
  expect((await put(MAX_VERSION_STEP + 3, 'FFFF', 2)).body).toEqual(stale)
  expect((await put(MAX_VERSION_STEP + 2, 'FFFF', 1)).body).toEqual(stale)
  expect((await put(MAX_VERSION_STEP + 2, 'FFFF', 2)).status).toBe(200)
})

test("a new version of a box notifies the account's devices, a retry notifies no one", async () => {
  const [alice, bob] = [await chat.person('Alice'), await chat.person('Bob')]
  await requestConversation(chat, alice, bob)
  await chat.settle()
  chat.events.length = 0
  const sent = alice.box('keys', { version: 1, ciphertext: 'AAAA' })
  await chat.call(alice, chatRequests.putBox, sent)
  await chat.call(alice, chatRequests.putBox, sent)
  await chat.settle()

  expect(chat.events).toEqual([
    { type: 'box.changed', recipients: [alice.accountId], box: 'keys', version: 1 },
  ])
})

test('people are found by the beginning of their name, case-insensitively', async () => {
  const names = ['Zoë Ångström', 'ZOË Berg', 'Zoltan', '100% Zoe', 'zo_', 'ＺＯＥ wide']
  for (const name of names) await chat.person(name)
  const seeker = await chat.person('Seeker')
  const find = async (name: string) => {
    const { body } = await chat.call(seeker, chatRequests.listUsers, { query: { name } })
    return body.accounts.map((account) => account.name)
  }
  expect(await find('zoË')).toEqual(['ZOË Berg', 'Zoë Ångström'])
  expect(await find('zo\u0065\u0308')).toEqual(['ZOË Berg', 'Zoë Ångström'])
  expect(await find('zoe')).toEqual(['ＺＯＥ wide'])
  expect(await find('zo_')).toEqual(['zo_'])
  expect(await find('100%')).toEqual(['100% Zoe'])
  expect(await find('%')).toEqual([])
  expect(await find('Zoltan Kovács')).toEqual([])
})

test('the member list has pages and includes everyone', async () => {
  await using other = await startChat()
  const seeker = await other.person('Seeker')
  for (let n = 0; n < 6; n += 1) await other.person('Same Name')
  const seen: string[] = []
  let after: string | null = null
  do {
    const { body }: Answer<typeof chatRequests.listUsers> = await other.call(
      seeker,
      chatRequests.listUsers,
      { query: after === null ? { limit: 2 } : { limit: 2, after } },
    )
    seen.push(...body.accounts.map(({ accountId }) => accountId))
    after = body.next
  } while (after)

  expect(seen).toHaveLength(7)
  expect(new Set(seen).size).toBe(7)
  const query = { after: 'nobody' }
  expect((await other.call(seeker, chatRequests.listUsers, { query })).status).toBe(400)
})

test('if the directory is closed, only a complete name finds a person', async () => {
  await using closed = await startChat({ directoryOpen: false })
  const alice = await closed.person('Alice Liddell')
  const find = (query: Record<string, string>) =>
    closed.call(alice, chatRequests.listUsers, { query })

  expect((await find({})).code).toBe('directory_closed')
  expect((await find({ name: 'Alice' })).body.accounts).toEqual([])
  expect((await find({ name: 'ALICE liddell' })).body.accounts).toHaveLength(1)
})
