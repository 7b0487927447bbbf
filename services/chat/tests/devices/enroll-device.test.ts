import { randomUUID } from 'node:crypto'
import { chatRequests, MAX_DEVICES } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { published } from '../accounts/publish.ts'
import type { Person } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat({ limitFactor: 10 })
})
afterAll(() => chat[Symbol.asyncDispose]())

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
  const { devices } = await published(chat, alice)
  expect(devices.map(({ deviceId }) => deviceId)).toEqual([alice.deviceId, tablet.deviceId])
})

test('the devices of an account are limited, even if they enroll concurrently', async () => {
  const alice = await chat.person('Alice')
  const more = Array.from({ length: MAX_DEVICES + 2 }, () => alice.onAnotherDevice())
  await Promise.all(more.map((device) => device.enter(chat)))
  expect((await published(chat, alice)).devices).toHaveLength(MAX_DEVICES)
})
