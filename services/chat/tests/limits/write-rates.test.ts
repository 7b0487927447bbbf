import { chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePng } from '../../../../tests/services/made-pictures.ts'
import { sealedName } from '../../../../tests/services/signed-statements.ts'
import { chatLimits } from '../../src/limits.ts'
import { type Person, pictureOf } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

const publish = (person: Person, record: string, picture: string | null = null) =>
  chat.call(person, chatRequests.putUser, { body: { record, picture } })

/** Repeats an action until it is refused, and returns how often it succeeded. */
async function countUntilLimited(act: (n: number) => Promise<{ code: string | undefined }>) {
  for (let n = 0; n < 1000; n += 1) {
    const { code } = await act(n)
    if (code === 'rate_limited') return n
    if (code !== undefined) throw new Error(`refused: ${code}`)
  }
  return Number.POSITIVE_INFINITY
}

test('new pictures, which every contact has to read, are rate-limited', async () => {
  const alice = await chat.person('Alice')
  const changed = await countUntilLimited((n) => {
    const { picture, pictureSha256 } = pictureOf(makePng({ width: n + 1, height: 8 }))
    return publish(alice, alice.record({ version: n + 2, pictureSha256 }), picture)
  })

  expect(changed).toBe(chatLimits.pictures.points)
  // The name may still be changed.
  const { status } = await publish(alice, alice.record({ version: changed + 2, name: 'Al' }))
  expect(status).toBe(200)
})

test('new records are rate-limited, and publishing the stored one again does not count', async () => {
  const alice = await chat.person('Alice')
  const record = alice.record({ version: 2 })
  for (let n = 0; n < 60; n += 1) expect((await publish(alice, record)).status).toBe(200)
  const changed = await countUntilLimited((n) => publish(alice, alice.record({ version: n + 3 })))

  // Two were already published.
  expect(changed).toBe(chatLimits.records_hourly.points - 2)
})

test("an attacker who only has a log-in cannot use up the owner's writes", async () => {
  const alice = await chat.person('Alice')
  const thief = alice.withNewKeys()
  const refused = async () => {
    // The signature is from keys other than the published ones.
    const answer = await publish(thief, thief.record({ version: 5_000 }))
    return { code: answer.code === 'stale_version' ? undefined : answer.code }
  }
  expect(await countUntilLimited(refused)).toBe(chatLimits.new_keys.points)

  expect((await publish(alice, alice.record({ version: 2 }))).status).toBe(200)
})

test('boxes and credentials are counted per device', async () => {
  // A tenth of the limits, to keep the number of writes small.
  const factor = 0.1
  await using chat = await startChat({ limitFactor: factor })
  const alice = await chat.person('Alice')
  const tablet = alice.onAnotherDevice()
  await tablet.enter(chat)
  const putBox = (person: Person, version: number) =>
    chat.call(person, chatRequests.putBox, person.box('contacts', { version, ciphertext: 'AAAA' }))
  const written = await countUntilLimited((n) => putBox(alice, n + 1))
  expect(written).toBe(chatLimits.boxes.points * factor)
  expect((await putBox(tablet, written + 1)).status).toBe(200)

  const rename = (person: Person) =>
    chat.call(person, chatRequests.putDevice, {
      params: { deviceId: person.deviceId },
      body: { credential: person.credential({ sealedName: sealedName() }) },
    })
  const renamed = await countUntilLimited(() => rename(alice))
  // One was stored when the device was enrolled.
  expect(renamed).toBe(chatLimits.credentials.points * factor - 1)
  expect((await rename(tablet)).status).toBe(200)
})
