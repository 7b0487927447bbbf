import { createHash, randomUUID } from 'node:crypto'
import { chatRequests } from '@sotto/wire'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import { envelopeIn, type Person, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'
import { readCounters, recountRows } from '../usage/recounted-usage.ts'

let chat: TestChat
/** Accounts that the auth service was told to delete. */
const forgotten: string[] = []
let alice: Person
let bob: Person

beforeAll(async () => {
  chat = await startChat({ limitFactor: 100 })
  await chat.broker.consumeJobs('account.forget', async ({ accountId }) => {
    forgotten.push(accountId)
  })
})
beforeEach(async () => {
  alice = await chat.person('Alice')
  bob = await chat.person('Bob')
})
afterAll(() => chat[Symbol.asyncDispose]())

async function remove({ accountId }: Person) {
  const before = forgotten.length
  await chat.broker.sendJob({ type: 'account.remove', accountId })
  await eventually('the end of the removal', () => forgotten.slice(before).includes(accountId))
  await chat.settle()
}

test("a conversation is removed for both sides, in parts, and each side's quota is freed", async () => {
  const id = await startConversation(chat, alice, bob)
  const carol = await chat.person('Carol')
  const kept = await startConversation(chat, bob, carol)
  // More than one transaction is needed to remove them.
  for (let batch = 0; batch < 17; batch += 1) {
    const envelopes = Array.from({ length: 250 }, (_, n) => {
      const sender = n % 2 === 0 ? alice : bob
      return [sender, envelopeIn(id)] as const
    })
    const verdicts = await chat.send(envelopes)
    expect(verdicts.every(({ fate }) => fate === 'accepted')).toBe(true)
  }
  await chat.send([[bob, envelopeIn(kept)]])
  await remove(alice)

  const rows = await chat.sql`
    select conversation_id from chat.envelopes where conversation_id = ${id}
    union all select conversation_id from chat.participants where conversation_id = ${id}
    union all select id from chat.conversations where id = ${id}
    union all select conversation_id from chat.conversations_to_remove`
  expect(rows).toEqual([])
  expect(await readCounters(chat.sql)).toEqual(await recountRows(chat.sql))
  expect(
    (await chat.call(bob, chatRequests.getConversation, { params: { conversationId: id } })).code,
  ).toBe('conversation_not_found')
  expect(await chat.send([[bob, envelopeIn(id)]])).toMatchObject([
    { code: 'conversation_not_found' },
  ])
  expect(await chat.send([[bob, envelopeIn(kept)]])).toMatchObject([{ fate: 'accepted' }])
  await chat.event('conversation.changed', ({ conversationId, recipients }) => {
    return conversationId === id && recipients.join() === bob.accountId
  })
})

test('a device that an instance still admits cannot write anything again', async () => {
  await startConversation(chat, alice, bob)
  await remove(alice)
  // The token is valid for this instance, which does not know that the session has ended.
  const body = { record: alice.record({ version: 2 }), picture: null, after: 1 }
  expect((await chat.call(alice, chatRequests.putUser, { body })).code).toBe('device_not_enrolled')
  const device = {
    params: { deviceId: alice.deviceId },
    body: { credential: alice.credential() },
  }
  expect((await chat.call(alice, chatRequests.putDevice, device)).code).toBe('device_not_enrolled')
  const box = alice.box('contacts', { version: 1, ciphertext: 'c2VhbGVk' })
  expect((await chat.call(alice, chatRequests.putBox, box)).code).toBe('device_not_enrolled')
  const carol = await chat.person('Carol')
  const wanted = { id: randomUUID(), protocol: 'ecdh', participants: [carol.accountId] }
  const asked = await chat.call(alice, chatRequests.createConversation, { body: wanted })
  expect(asked.code).toBe('device_not_enrolled')
  const [row] = await chat.sql`
    select (select count(*) from chat.accounts where account_id = ${alice.accountId})
      + (select count(*) from chat.devices where account_id = ${alice.accountId})
      + (select count(*) from chat.boxes where account_id = ${alice.accountId})
      + (select count(*) from chat.account_usage where account_id = ${alice.accountId}) as count`
  expect(row).toEqual({ count: 0 })
})

test('the removal may be requested twice concurrently, and again, while messages are sent', async () => {
  const id = await startConversation(chat, alice, bob)
  const job = { type: 'account.remove', accountId: alice.accountId } as const
  const sending = Array.from({ length: 20 }, () => chat.send([[bob, envelopeIn(id)]]))
  await Promise.all([chat.broker.sendJob(job), chat.broker.sendJob(job), ...sending])
  await remove(alice)
  const rows = await chat.sql`select from chat.envelopes where conversation_id = ${id}`
  expect(rows).toHaveLength(0)
  expect(await readCounters(chat.sql)).toEqual(await recountRows(chat.sql))
})

test('only a hash is remembered, which is useless without the id', async () => {
  await remove(alice)
  const hash = createHash('sha256').update(alice.accountId).digest()
  const rows = await chat.sql`select from chat.removed where hash = ${hash}`
  expect(rows).toHaveLength(1)
})
