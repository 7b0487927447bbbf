import {
  type AccountId,
  type ConversationId,
  type DeviceId,
  EnvelopeId,
  MAX_PAGE,
  type StoredEnvelope,
} from '@sotto/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { UnlockedContext } from '../../src/account/state/unlocked-context.ts'
import { commonSeq } from '../../src/server-restore/compare-logs.ts'
import { put } from '../../src/storage/record-kind.ts'
import { entryAt } from '../../src/storage/records/log.ts'
import { conversationOf, createMemoryStore } from '../storage/memory-store.ts'
import { tries } from '../world/tries.ts'

const id = crypto.randomUUID() as ConversationId
const me = crypto.randomUUID() as AccountId
const account = crypto.randomUUID() as AccountId
const device = crypto.randomUUID() as DeviceId

function envelopeAt(seq: number, message: EnvelopeId, acceptedAt: number): StoredEnvelope {
  const sender = { senderAccountId: account, senderDeviceId: device }
  return {
    id: message,
    conversationId: id,
    kind: 'message',
    ciphertext: 'x',
    seq,
    acceptedAt,
    ...sender,
  }
}

/** A device that stores the log from `first` on, and asks a server whose log is `onServer`, or that lies. */
async function scene(
  here: readonly StoredEnvelope[],
  first: number,
  onServer: readonly StoredEnvelope[],
  lie?: readonly StoredEnvelope[],
) {
  const storage = createMemoryStore()
  const kept = here.filter(({ seq }) => seq >= first)
  await storage.write(
    kept.map(({ seq, id: message, senderDeviceId: deviceId, acceptedAt: at }) => {
      const entry = { kind: 'unreadable', seq, id: message, sender: account, deviceId, at } as const
      return put(entryAt(id, seq), { ...entry, reason: 'cannot_decrypt', envelope: null })
    }),
  )
  const questions: { before: number; limit: number }[] = []
  const call = async (_: unknown, { query }: { query: { before: number; limit: number } }) => {
    questions.push(query)
    if (lie) return { envelopes: lie }
    return { envelopes: onServer.filter(({ seq }) => seq < query.before).slice(-query.limit) }
  }
  const newest = kept.at(-1)?.seq ?? 0
  const window = { first: kept.length > 0 ? first : 0, newest, lastSeq: newest, unopened: [] }
  const others = { [account]: 'accepted' } as const
  const record = { ...conversationOf({ id, self: me, others }), window }
  const last = onServer.at(-1)
  const told = { lastSeq: last?.seq ?? 0, lastEnvelope: last ?? null }
  const deps = { storage, call } as unknown as UnlockedContext
  return { common: await commonSeq(deps, record, told), questions }
}

const lengths = fc.record({
  here: fc.integer({ min: 1, max: 300 }),
  kept: fc.integer({ min: 1, max: 300 }),
  same: fc.nat(300),
  later: fc.nat(300),
  /** Which of the lost messages were sent again, in their original order. */
  isSentAgain: fc.array(fc.boolean(), { maxLength: 300 }),
})

test('the logs match up to where the server was wound back, whatever came after that', async () => {
  await fc.assert(
    fc.asyncProperty(lengths, async ({ here, kept, same, later, isSentAgain }) => {
      const messages = Array.from({ length: here }, () => EnvelopeId.parse(crypto.randomUUID()))
      const log = messages.map((message, i) => envelopeAt(i + 1, message, 1_000 + i))
      const common = Math.min(same, here)
      const again = messages.slice(common).filter((_, i) => isSentAgain[i])
      const others = Array.from({ length: later }, () => EnvelopeId.parse(crypto.randomUUID()))
      const after = [...again, ...others].map((message, i) =>
        envelopeAt(common + i + 1, message, 9_000 + i),
      )
      const first = Math.max(1, here - kept + 1)

      const found = await scene(log, first, [...log.slice(0, common), ...after])

      expect(found.common).toBe(common)
    }),
    tries(200),
  )
})

test('a server that was not wound back is asked for one envelope', async () => {
  const message = () => EnvelopeId.parse(crypto.randomUUID())
  const log = Array.from({ length: 250 }, (_, i) => envelopeAt(i + 1, message(), i))

  const found = await scene(log.slice(0, 200), 1, log)

  expect(found).toMatchObject({ common: 200 })
  // The newest one here, which says everything.
  expect(found.questions).toEqual([{ before: 201, limit: 1 }])
})

test('a server that never had any of it has no common part', async () => {
  const message = () => EnvelopeId.parse(crypto.randomUUID())
  const log = Array.from({ length: 20 }, (_, i) => envelopeAt(i + 1, message(), i))

  expect((await scene(log, 11, [])).common).toBe(0)
})

test('a server with the same last envelope is not asked, and neither is one without a log here', async () => {
  const log = [1, 2, 3].map((seq) => envelopeAt(seq, EnvelopeId.parse(crypto.randomUUID()), seq))

  expect(await scene(log, 1, log)).toMatchObject({ common: 3, questions: [] })
  expect(await scene([], 1, log)).toMatchObject({ common: 0, questions: [] })
})

test('a log is read page by page', async () => {
  const log = Array.from({ length: 150 }, (_, i) =>
    envelopeAt(i + 1, EnvelopeId.parse(crypto.randomUUID()), i),
  )
  const others = Array.from({ length: 120 }, (_, i) =>
    envelopeAt(i + 21, EnvelopeId.parse(crypto.randomUUID()), 1_000 + i),
  )

  const found = await scene(log, 1, [...log.slice(0, 20), ...others])

  expect(found.common).toBe(20)
  expect(found.questions).toEqual([
    { before: 141, limit: MAX_PAGE },
    { before: 41, limit: MAX_PAGE },
  ])
})

test.each([
  ['under another enrollment of its device', { senderDeviceId: crypto.randomUUID() as DeviceId }],
  ['later', { acceptedAt: 9_000 }],
  ['at another place', { id: EnvelopeId.parse(crypto.randomUUID()) }],
])('a message that was sent again %s is not the same', async (_, changes) => {
  const log = [1, 2, 3].map((seq) => envelopeAt(seq, EnvelopeId.parse(crypto.randomUUID()), seq))
  const again = log.map((envelope) => (envelope.seq < 2 ? envelope : { ...envelope, ...changes }))

  expect((await scene(log, 1, again)).common).toBe(1)
})

test('before the part that is here, the time of acceptance tells', async () => {
  const log = [1, 2, 3, 4].map((seq) => envelopeAt(seq, EnvelopeId.parse(crypto.randomUUID()), seq))
  const later = envelopeAt(3, EnvelopeId.parse(crypto.randomUUID()), 5)

  expect((await scene(log, 4, [...log.slice(0, 2), later])).common).toBe(2)
  expect((await scene(log, 4, log.slice(0, 3))).common).toBe(3)
  // Accepted at the same moment as the first one here.
  const same = { ...later, acceptedAt: 4 }
  expect((await scene(log, 4, [...log.slice(0, 2), same])).common).toBe(3)
})

test('a server that answers with what comes after the question is not believed', async () => {
  const log = [1, 2].map((seq) => envelopeAt(seq, EnvelopeId.parse(crypto.randomUUID()), seq))
  const later = log.map((one) => ({ ...one, acceptedAt: 8 }))

  // The question is for what comes before 3.
  for (const seq of [3, 9]) {
    const lie = [envelopeAt(seq, EnvelopeId.parse(crypto.randomUUID()), 9)]
    await expect(scene(log, 1, later, lie)).rejects.toMatchObject({ code: 'untrusted_answer' })
  }
  expect((await scene(log, 1, later, [])).common).toBe(0)
})
