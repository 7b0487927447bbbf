import { randomUUID } from 'node:crypto'
import { chatRequests, MAX_VERSION_STEP } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Person } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat

beforeAll(async () => {
  chat = await startChat()
})
afterAll(() => chat[Symbol.asyncDispose]())

const put = (as: Person, manifest: string, after?: number) =>
  chat.call(as, chatRequests.putManifest, { body: { manifest, after } })
const get = async (as: Person) => (await chat.call(as, chatRequests.getManifest)).body.manifest

test('the account gets its manifest back unchanged', async () => {
  const [alice, bob] = [await chat.person('Alice'), await chat.person('Bob')]
  expect(await get(alice)).toBeNull()
  const manifest = alice.manifest({ boxes: { keys: 3, contacts: 12 } })

  expect((await put(alice, manifest)).status).toBe(200)
  expect(await get(alice.onAnotherDevice())).toBe(manifest)
  expect(await get(bob)).toBeNull()
})

test('versions increase by one; the same statement again is a retry after a lost answer', async () => {
  const alice = await chat.person('Alice')
  const [first, second] = [alice.manifest(), alice.manifest({ version: 2 })]
  expect((await put(alice, first)).status).toBe(200)
  expect((await put(alice, first)).status).toBe(200)
  expect((await put(alice, alice.manifest({ record: 2 }))).code).toBe('stale_version')
  expect((await put(alice, second)).status).toBe(200)
  expect((await put(alice, first)).body).toEqual({
    code: 'stale_version',
    details: { currentVersion: 2 },
  })
  expect(await get(alice)).toBe(second)
})

test('a device may be ahead of a restored server, but only by a limited number of versions', async () => {
  const alice = await chat.person('Alice')
  const stale = { code: 'stale_version', details: { currentVersion: 0 } }
  expect((await put(alice, alice.manifest({ version: 2 }))).body).toEqual(stale)
  const far = alice.manifest({ version: MAX_VERSION_STEP })
  const tooFar = await put(alice, alice.manifest({ version: MAX_VERSION_STEP + 1 }), 0)
  expect(tooFar.body).toEqual(stale)
  expect((await put(alice, far, 1)).body).toEqual(stale)
  expect((await put(alice, far, 0)).status).toBe(200)
})

test('one of two concurrent manifests of the same version wins', async () => {
  const alice = await chat.person('Alice')
  const answers = await Promise.all(
    [1, 2, 3].map((record) => put(alice, alice.manifest({ record }))),
  )
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409])
})

test("a manifest must be a strict statement of the caller's account", async () => {
  const alice = await chat.person('Alice')
  expect((await put(alice, alice.manifest({ account: randomUUID() }))).code).toBe('forbidden')
  const broken = [
    alice.record(),
    alice.credential(),
    alice.manifest({ version: 0 }),
    alice.manifest({ version: 2 ** 32 }),
    alice.manifest({ boxes: { keys: 1 } }),
    alice.manifest({ wraps: { password: 'short', recovery_code: null } }),
    alice.manifest({ extra: 1 } as object),
  ]
  for (const statement of broken) {
    expect((await put(alice, statement)).body).toEqual({
      code: 'invalid_request',
      details: { field: 'body/manifest' },
    })
  }
})
