import { chatRequests, MAX_PICTURE_BYTES } from '@sotto/wire'
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
import { pictureOf } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'
import { publish, published } from './publish.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat({ limitFactor: 10 })
})
afterAll(() => chat[Symbol.asyncDispose]())

test('a picture must match the record, be of a known kind, and be small', async () => {
  const alice = await chat.person('Alice', { isPublished: false })
  const size = { width: 256, height: 256 }
  const png = pictureOf(makePng(size))
  const attempt = (named: string | null, picture: string | null) =>
    publish(chat, alice, alice.record({ pictureSha256: named }), picture)
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
    expect(await publish(chat, alice, alice.record({ pictureSha256 }), picture)).toMatchObject({
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
    const { status, body } = await publish(chat, alice, alice.record({ name }))
    expect([status, body], name).toEqual([400, { code: 'invalid_request', details: field }])
  }
  // Readers normalize a name that is merely written differently.
  for (const [n, name] of ['Alice 👩‍🚀', 'Ａｌｉｃｅ', 'Alice  Smith'].entries()) {
    expect((await publish(chat, alice, alice.record({ name, version: n + 1 }))).status).toBe(200)
  }
})

test('a record that predates the rules for names is still readable, and accepted again', async () => {
  const [alice, bob] = [await chat.person('Alice'), await chat.person('Bob')]
  const old = alice.record({ name: '✓ Alice', version: 2 })
  await chat.sql`
    update chat.accounts set record = ${old}, record_version = 2 where account_id = ${alice.accountId}`

  expect((await publish(chat, alice, old)).status).toBe(200)
  expect((await published(chat, alice, bob)).record).toBe(old)
  expect((await publish(chat, alice, alice.record({ name: '✓ Alice', version: 3 }))).status).toBe(
    400,
  )
  expect((await publish(chat, alice, alice.record({ name: 'Alice', version: 3 }))).status).toBe(200)
})

test('a person is found by a differently written name', async () => {
  const alice = await chat.person('Chloë Müller')
  const bob = await chat.person('Bob')
  for (const name of ['CHLOE\u0308  MÜLLER', 'Ｃｈlｏë\u00a0Müller', 'chloë']) {
    const found = await chat.call(bob, chatRequests.listUsers, { query: { name } })
    expect(found.body.accounts, name).toMatchObject([{ accountId: alice.accountId }])
  }
})
