import { chatRequests, MAX_VERSION_STEP } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { requestConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat({ limitFactor: 10 })
})
afterAll(() => chat[Symbol.asyncDispose]())

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
