import { chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makePng } from '../../../tests/services/made-pictures.ts'
import { sealedName } from '../../../tests/services/signed-statements.ts'
import { chatLimits } from '../src/limits.ts'
import { type Person, pictureOf } from './person.ts'
import { startChat, type TestChat } from './start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

const publish = (person: Person, record: string, picture: string | null = null) =>
  chat.call(person, chatRequests.putUser, { body: { record, picture } })

/** Does something until it is refused, and says how often it was done. */
async function countUntilLimited(act: (n: number) => Promise<{ code: string | undefined }>) {
  for (let n = 0; n < 1000; n += 1) {
    const { code } = await act(n)
    if (code === 'rate_limited') return n
    if (code !== undefined) throw new Error(`refused: ${code}`)
  }
  return Number.POSITIVE_INFINITY
}

test('pictures, which every contact has to read, come only so often', async () => {
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

test('records come only so often, and the stored one again is none', async () => {
  const alice = await chat.person('Alice')
  const record = alice.record({ version: 2 })
  for (let n = 0; n < 60; n += 1) expect((await publish(alice, record)).status).toBe(200)
  const changed = await countUntilLimited((n) => publish(alice, alice.record({ version: n + 3 })))

  // Two were published before.
  expect(changed).toBe(chatLimits.records_hourly.points - 2)
})

test('somebody who only has a log-in cannot use up what the owner may write', async () => {
  const alice = await chat.person('Alice')
  const thief = alice.withNewKeys()
  const refused = async () => {
    // The signature is of other keys than the published ones.
    const answer = await publish(thief, thief.record({ version: 5_000 }))
    return { code: answer.code === 'stale_version' ? undefined : answer.code }
  }
  expect(await countUntilLimited(refused)).toBe(chatLimits.new_keys.points)

  expect((await publish(alice, alice.record({ version: 2 }))).status).toBe(200)
})

test('boxes and credentials are counted for each device', async () => {
  // A tenth of the limits: there would be much to write.
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
  // One was put when the device was enrolled.
  expect(renamed).toBe(chatLimits.credentials.points * factor - 1)
  expect((await rename(tablet)).status).toBe(200)
})
