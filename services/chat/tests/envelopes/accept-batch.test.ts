import { randomUUID } from 'node:crypto'
import { createEventOutbox, createLogger, createRateLimits } from '@sotto/service-runtime'
import { chatRequests, MAX_BATCH, MAX_CIPHERTEXT_CHARS, type Verdict } from '@sotto/wire'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import { acceptBatch } from '../../src/domain/envelopes/accept-batch.ts'
import { EraGuard } from '../../src/domain/eras/guard-era.ts'
import { chatLimits } from '../../src/limits.ts'
import { usualQuotas } from '../../src/quota-variables.ts'
import * as conversations from '../../src/store/conversations/conversations.ts'
import { answer, envelopeIn, type Person, startConversation } from '../person.ts'
import { startChat, type TestChat } from '../start-chat.ts'

let chat: TestChat
let alice: Person
let bob: Person
let carol: Person

beforeAll(async () => {
  chat = await startChat()
})
// Two people have one conversation per protocol.
beforeEach(async () => {
  alice = await chat.person('Alice')
  bob = await chat.person('Bob')
  carol = await chat.person('Carol')
})
afterAll(() => chat[Symbol.asyncDispose]())

const codes = (verdicts: readonly Verdict[]) =>
  verdicts.map((verdict) => (verdict.fate === 'refused' ? verdict.code : verdict.seq))

async function logOf(conversationId: string, as = alice) {
  const { body } = await chat.call(as, chatRequests.readLog, {
    params: { conversationId },
    query: { after: 0, limit: 100 },
  })
  return body.envelopes
}

test('envelopes are stored unchanged, and all participants are notified', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const envelope = envelopeIn(conversationId)

  const [verdict] = await chat.send([[alice, envelope]])

  expect(verdict).toMatchObject({ fate: 'accepted', id: envelope.id, seq: 1 })
  const stored = (await logOf(conversationId))[0]
  expect(stored).toMatchObject({
    ...envelope,
    seq: 1,
    senderAccountId: alice.accountId,
    senderDeviceId: alice.deviceId,
  })
  const pushed = await chat.event('envelopes.stored', ({ envelopes }) =>
    envelopes.some(({ id }) => id === envelope.id),
  )
  expect(pushed.envelopes).toEqual([stored])
  expect(pushed.recipients.toSorted()).toEqual([alice.accountId, bob.accountId].toSorted())
})

test('the retry of an accepted envelope gets the first answer', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const envelope = envelopeIn(conversationId)
  const [first] = await chat.send([[alice, envelope]])
  await chat.send([[bob, envelopeIn(conversationId)]])

  expect(await chat.send([[alice, envelope]])).toEqual([first])
  expect(await logOf(conversationId)).toHaveLength(2)
})

test('another ciphertext under the same id is never reported as accepted', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const envelope = envelopeIn(conversationId)
  const sealedAgain = { ...envelope, ciphertext: 'another' }
  const verdicts = await chat.send([
    [alice, envelope],
    [alice, sealedAgain],
  ])
  expect(codes(verdicts)).toEqual([1, 'envelope_id_taken'])
  expect(codes(await chat.send([[alice, sealedAgain]]))).toEqual(['envelope_id_taken'])
  expect((await logOf(conversationId)).map(({ ciphertext }) => ciphertext)).toEqual([
    envelope.ciphertext,
  ])
})

test('a retry is recognized after the conversation was closed', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const envelope = envelopeIn(conversationId)
  const [first] = await chat.send([[alice, envelope]])
  await answer(chat, bob, conversationId, 'declined')

  const verdicts = await chat.send([
    [alice, envelope],
    [alice, envelopeIn(conversationId)],
  ])
  expect(verdicts[0]).toEqual(first)
  expect(codes(verdicts)).toEqual([1, 'conversation_closed'])
})

test('an envelope id of another account or device is taken', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const envelope = envelopeIn(conversationId)
  await chat.send([[alice, envelope]])
  const tablet = alice.onAnotherDevice()
  await tablet.enter(chat)

  const verdicts = await chat.send([
    [bob, envelope],
    [tablet, envelope],
    [carol, envelope],
  ])
  expect(codes(verdicts)).toEqual([
    'envelope_id_taken',
    'envelope_id_taken',
    'conversation_not_found',
  ])
})

test('a duplicate inside one batch is one envelope with one verdict', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const envelope = envelopeIn(conversationId)

  const [first, second] = await chat.send([
    [alice, envelope],
    [alice, envelope],
  ])
  expect(second).toEqual(first)
  expect(await logOf(conversationId)).toHaveLength(1)
})

test('rejected envelopes do not affect accepted ones in the same batch', async () => {
  const open = await startConversation(chat, alice, bob)
  const carols = await startConversation(chat, bob, carol)
  const closed = await startConversation(chat, alice, carol)
  await answer(chat, carol, closed, 'declined')
  const stranger = await chat.person('Mallory')
  const noDevice = alice.onAnotherDevice()

  const verdicts = await chat.send([
    [alice, envelopeIn(open)],
    [alice, envelopeIn(carols)],
    [alice, envelopeIn(closed)],
    [stranger, envelopeIn(open)],
    [noDevice, envelopeIn(open)],
    [alice, envelopeIn(randomUUID())],
    [bob, envelopeIn(open)],
  ])
  expect(codes(verdicts)).toEqual([
    1,
    'conversation_not_found',
    'conversation_closed',
    'conversation_not_found',
    'device_not_enrolled',
    'conversation_not_found',
    2,
  ])
})

test('concurrent batches produce one gapless sequence in each conversation', async () => {
  const rsa = await startConversation(chat, alice, bob, 'rsa')
  const conversationIds = [await startConversation(chat, alice, bob), rsa]
  const batchOf = (sender: Person, count: number) =>
    Array.from({ length: count }, (_, n) => {
      const conversationId = conversationIds[n % 2] ?? ''
      return [sender, envelopeIn(conversationId)] as const
    })

  const decided = await Promise.all(
    Array.from({ length: 8 }, (_, n) => chat.send(batchOf(n % 2 ? alice : bob, 20))),
  )
  expect(decided.flat().every(({ fate }) => fate === 'accepted')).toBe(true)
  for (const conversationId of conversationIds) {
    const log = await logOf(conversationId)
    expect(log.map(({ seq }) => seq)).toEqual(Array.from({ length: 80 }, (_, n) => n + 1))
  }
})

test('the same envelope in two concurrent batches is stored once', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const envelope = envelopeIn(conversationId)

  const [one, other] = await Promise.all([
    chat.send([[alice, envelope]]),
    chat.send([[alice, envelope]]),
  ])
  expect(one).toEqual(other)
  expect(await logOf(conversationId)).toHaveLength(1)
})

test('the order of a batch is the order of the log', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const envelopes = Array.from({ length: MAX_BATCH }, () => envelopeIn(conversationId))

  const verdicts = await chat.send(envelopes.map((envelope) => [alice, envelope] as const))
  expect(codes(verdicts)).toEqual(envelopes.map((_, n) => n + 1))
})

test('the largest and the strangest ciphertext are returned byte for byte', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const strange = `{"a":"\\",{}NULL '); drop table chat.envelopes; --"}`
  const ciphertexts = ['NULL', '"', '\\', '{}', ' ', strange, 'x'.repeat(MAX_CIPHERTEXT_CHARS)]

  await chat.send(
    ciphertexts.map((ciphertext) => [alice, envelopeIn(conversationId, { ciphertext })] as const),
  )
  const log = await logOf(conversationId)
  expect(log.map(({ ciphertext }) => ciphertext)).toEqual(ciphertexts)
})

test('a batch whose connection is lost midway is retried and takes effect once', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const envelope = envelopeIn(conversationId)

  const sent = await chat.sql.begin(async (tx) => {
    await conversations.lock(tx, [conversationId])
    const sent = chat.send([[alice, envelope]])
    const isWaiting = () => chat.sql`
      select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`
    await eventually('a batch that waits', async () => (await isWaiting()).length === 1)
    return { sent }
  })

  expect(await sent.sent).toMatchObject([{ fate: 'accepted', seq: 1 }])
  expect(await logOf(conversationId)).toHaveLength(1)
})

test('committed but unpublished events are published when the service starts again', async () => {
  const conversationId = await startConversation(chat, alice, bob)
  const { sql, broker } = chat
  const log = createLogger({ name: 'chat test', level: 'silent' })
  const outbox = createEventOutbox({ sql, schema: 'chat', broker, log })
  // As if the process had died between the commit and the broker.
  await outbox.close()
  const limits = createRateLimits(sql, 'chat', chatLimits)
  const eras = new EraGuard({ sql, outbox, log })
  await eras.start()
  const quotas = usualQuotas
  const dying = { sql, outbox, eras, limits, quotas, isDirectoryOpen: true, now: Date.now }
  const envelope = envelopeIn(conversationId)
  await acceptBatch(dying, [{ actor: alice.actor, envelope }])
  await eras.close()

  const pushed = await chat.event('envelopes.stored', ({ envelopes }) =>
    envelopes.some(({ id }) => id === envelope.id),
  )
  expect(pushed.envelopes).toMatchObject([{ seq: 1 }])
})
