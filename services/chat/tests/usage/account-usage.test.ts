import { randomUUID } from 'node:crypto'
import type { ConversationId } from '@sotto/wire'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import { recountUsage } from '../../src/domain/usage/recount-usage.ts'
import { usualQuotas } from '../../src/quota-variables.ts'
import * as conversations from '../../src/store/conversations/conversations.ts'
import { envelopeIn, type Person, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'
import { readCounters, recountRows } from './recounted-usage.ts'

let chat: TestChat
let people: readonly Person[]
let conversationIds: readonly ConversationId[]

const SENDERS = 3

beforeAll(async () => {
  const quotas = { ...usualQuotas, youngBytes: 12_000 }
  chat = await startChat({ quotas })
  people = await Promise.all(['Alice', 'Bob', 'Carol'].map((name) => chat.person(name)))
  const [alice, bob, carol] = people as [Person, Person, Person]
  conversationIds = [
    await startConversation(chat, alice, bob),
    await startConversation(chat, bob, carol),
    await startConversation(chat, carol, alice, 'rsa'),
  ]
})
afterAll(() => chat[Symbol.asyncDispose]())

const personAt = (n: number) => people[n % SENDERS] as Person
const conversationAt = (n: number) => conversationIds[n % conversationIds.length] as ConversationId

/** Random actions, some of them concurrent. */
const happening = fc.oneof(
  fc.record({
    what: fc.constant('batch' as const),
    sent: fc.array(
      fc.record({
        sender: fc.nat(SENDERS - 1),
        conversation: fc.nat(2),
        bytes: fc.integer({ min: 1, max: 700 }),
      }),
      { minLength: 1, maxLength: 12 },
    ),
  }),
  fc.record({ what: fc.constant('remove' as const), of: fc.nat(2), from: fc.nat(40) }),
  fc.record({ what: fc.constant('old instance' as const), of: fc.nat(2), by: fc.nat(2) }),
  fc.record({ what: fc.constant('cut' as const), of: fc.nat(2), by: fc.nat(2) }),
  fc.record({ what: fc.constant('recount' as const) }),
)
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never

async function make(one: Happening): Promise<void> {
  const { sql } = chat
  switch (one.what) {
    case 'batch': {
      const batch = one.sent.map(({ sender, conversation, bytes }) => {
        const envelope = envelopeIn(conversationAt(conversation), { ciphertext: 'x'.repeat(bytes) })
        return [personAt(sender), envelope] as const
      })
      await chat.send(batch)
      return
    }
    case 'remove':
      await sql`
        delete from chat.envelopes
        where conversation_id = ${conversationAt(one.of)} and seq % 3 = 0 and seq > ${one.from}`
      return
    case 'old instance':
      return storeWithoutCounting(conversationAt(one.of), personAt(one.by))
    case 'cut':
      return cutConnection(conversationAt(one.of), personAt(one.by))
    case 'recount':
      await recountUsage(sql)
  }
}

/** Acts like a version without counters. */
async function storeWithoutCounting(id: ConversationId, { actor }: Person) {
  await chat.sql.begin(async (tx) => {
    const [locked] = await conversations.lock(tx, [id])
    const seq = (locked?.lastSeq ?? 0) + 1
    await tx`update chat.conversations set last_seq = ${seq} where id = ${id}`
    await tx`
      insert into chat.envelopes values
        (${id}, ${seq}, ${randomUUID()}, ${actor.accountId}, ${actor.deviceId}, 0, 'message', 'old')`
  })
}

/** A batch whose connection is lost midway, so that the broker redelivers it. */
async function cutConnection(id: ConversationId, sender: Person) {
  const sent = await chat.sql.begin(async (tx) => {
    await conversations.lock(tx, [id])
    const sent = chat.send([[sender, envelopeIn(id)]])
    await eventually('a batch that waits', async () => {
      const ended = await chat.sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`
      return ended.length > 0
    })
    return { sent }
  })
  await sent.sent
}

test('the counters always match the rows', async () => {
  const story = fc.array(happening, { minLength: 3, maxLength: 12 })
  await fc.assert(
    fc.asyncProperty(story, fc.boolean(), async (happenings, isAtOnce) => {
      if (isAtOnce) {
        const cuts = happenings.filter(({ what }) => what === 'cut')
        await Promise.all(happenings.filter(({ what }) => what !== 'cut').map(make))
        for (const cut of cuts) await make(cut)
      } else for (const one of happenings) await make(one)
      // Data that an old instance has left uncounted is counted in the end.
      await recountUsage(chat.sql)

      expect(await readCounters(chat.sql)).toEqual(await recountRows(chat.sql))
      expect(await recountUsage(chat.sql)).toBe(0)
    }),
    { numRuns: 25, endOnFailure: true },
  )
})

test('removed conversations no longer count', async () => {
  const [alice, , carol] = people as [Person, Person, Person]
  const dave = await chat.person('Dave')
  const id = await startConversation(chat, dave, alice)
  await chat.send([[alice, envelopeIn(id)]])
  await chat.sql`delete from chat.envelopes where conversation_id = ${id}`
  await chat.sql`delete from chat.participants where conversation_id = ${id}`
  await chat.sql`delete from chat.conversations where id = ${id}`

  const counters = await readCounters(chat.sql)
  expect(counters).toEqual(await recountRows(chat.sql))
  expect(counters.map(({ accountId }) => accountId)).not.toContain(dave.accountId)
  expect(carol).toBeDefined()
})

test('envelopes of a sender that an old instance has admitted count from the first one', async () => {
  const erin = await chat.person('Erin')
  const id = await startConversation(chat, await chat.person('Frank'), erin)
  await chat.sql`delete from chat.account_usage where account_id = ${erin.accountId}`

  await chat.send([[erin, envelopeIn(id)]])

  const counters = await readCounters(chat.sql)
  expect(counters).toEqual(await recountRows(chat.sql))
  expect(counters.map(({ accountId }) => accountId)).toContain(erin.accountId)
})
