import { chatRequests, type PublishedAccount } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEcdhKey } from '../../../../tests/services/signed-statements.ts'
import { answer, type Person, requestConversation, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

// Who may see which field of an account: the table in PROTOCOL.md, "Who sees what".

let chat: TestChat
let clock = Date.now()

beforeAll(async () => {
  chat = await startChat({ limitFactor: 10 }, { now: () => clock })
})
afterAll(() => chat[Symbol.asyncDispose]())

async function seenBy(viewer: Person, person: Person): Promise<PublishedAccount> {
  const params = { accountId: person.accountId }
  return (await chat.call(viewer, chatRequests.getUser, { params })).body
}

/** Publishes a record with another name and another key, so that the previous one is kept. */
async function rename(person: Person, version: number, name: string): Promise<string> {
  const record = person.record({ version, name, ecdhKey: createEcdhKey() })
  const { status } = await chat.call(person, chatRequests.putUser, {
    body: { record, picture: null },
  })
  expect(status).toBe(200)
  return record
}

test("a stranger sees an account's record and picture, but no devices and no former names", async () => {
  const [alice, stranger] = [await chat.person('Alice Former'), await chat.person('Stranger')]
  const record = await rename(alice, 2, 'Alice Newer')

  const seen = await seenBy(stranger, alice)

  expect(seen).toEqual({
    accountId: alice.accountId,
    record,
    picture: null,
    devices: [],
    pastRecords: [],
  })
})

test('an account sees everything that it has published', async () => {
  const alice = await chat.person('Alice')
  const first = alice.record()
  await rename(alice, 2, 'Alice Newer')
  const seen = await seenBy(alice, alice)
  expect(seen.devices.map(({ deviceId }) => deviceId)).toEqual([alice.deviceId])
  expect(seen.pastRecords).toHaveLength(1)
  expect(claimsOf(seen.pastRecords[0])).toMatchObject({
    ...claimsOf(first),
    issuedAt: expect.anything(),
  })
})

test('a participant sees the devices, and the records that were current since the conversation began', async () => {
  const [alice, bob] = [await chat.person('Alice One'), await chat.person('Bob')]
  const second = await rename(alice, 2, 'Alice Two')
  clock += 1
  await startConversation(chat, bob, alice)
  await rename(alice, 3, 'Alice Three')

  const seen = await seenBy(bob, alice)

  expect(seen.devices.map(({ deviceId }) => deviceId)).toEqual([alice.deviceId])
  // The name is sealed; `tests/network/devices/own-devices.test.ts` tests who can read it.
  const claims = seen.devices.map(({ credential }) => Object.keys(claimsOf(credential)))
  expect(claims).toEqual([['account', 'device', 'deviceKey', 'sealedName', 'issuedAt']])
  expect(seen.pastRecords).toEqual([second])
  expect(JSON.stringify(seen.pastRecords.map(claimsOf))).not.toContain('Alice One')
})

test('a request shows the same as a conversation, in both directions, even after it is declined', async () => {
  const [alice, bob] = [await chat.person('Alice'), await chat.person('Bob')]
  const id = await requestConversation(chat, alice, bob)
  const devicesFor = async (viewer: Person, person: Person) =>
    (await seenBy(viewer, person)).devices.length
  expect([await devicesFor(alice, bob), await devicesFor(bob, alice)]).toEqual([1, 1])
  await answer(chat, bob, id, 'declined')
  expect([await devicesFor(alice, bob), await devicesFor(bob, alice)]).toEqual([1, 1])
})

test('the member list and the search show only name and picture', async () => {
  const seeker = await chat.person('Seeker')
  await chat.person('Amelie Listed')
  for (const query of [{}, { name: 'Amelie' }]) {
    const { body } = await chat.call(seeker, chatRequests.listUsers, { query })
    for (const found of body.accounts) {
      expect(Object.keys(found).toSorted()).toEqual(['accountId', 'name', 'picture'])
    }
  }
})

function claimsOf(statement = '') {
  return JSON.parse(Buffer.from(statement.split('.')[1] ?? '', 'base64url').toString())
}
