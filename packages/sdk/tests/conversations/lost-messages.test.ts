import { type AccountId, type ConversationId, type DeviceId, EnvelopeId } from '@sotto/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openLostMessages } from '../../src/conversations/lost-messages.ts'
import type { OpenedEntry } from '../../src/storage/records/log.ts'
import type { Step } from '../../src/storage/storage.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

const id = crypto.randomUUID() as ConversationId
const deviceId = crypto.randomUUID() as DeviceId

const [self, other] = [crypto.randomUUID(), crypto.randomUUID()] as [AccountId, AccountId]

function entry(seq: number, mine: boolean): OpenedEntry {
  const message = EnvelopeId.parse(crypto.randomUUID())
  const sender = mine ? self : other
  const content = { type: 'text', body: `text of ${message}` }
  const told = { sender, content, deviceId, counter: seq, skipped: [], at: 0, writtenTo: {} }
  return { kind: 'message', seq, id: message, ...told }
}

/** A server that is wound back and grows again, partly with messages that it had lost. */
const happening = fc.oneof(
  fc.record({
    what: fc.constant('writes' as const),
    mine: fc.array(fc.boolean(), { maxLength: 5 }),
  }),
  fc.record({ what: fc.constant('wound back' as const), by: fc.integer({ min: 1, max: 8 }) }),
  fc.record({
    what: fc.constant('sent again' as const),
    which: fc.array(fc.nat(20), { maxLength: 4 }),
  }),
  fc.record({ what: fc.constant('forged' as const), which: fc.nat(20) }),
)

test('lost messages are kept in order until the same ones come back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(happening, { maxLength: 25 }), async (happenings) => {
      const storage = createMemoryStore()
      const lost = await openLostMessages(storage)
      const apply = async ({ changes, stored }: Step) => {
        await storage.write(changes)
        stored()
      }
      let log: OpenedEntry[] = []
      /** Every message that was here once and isn't in the log now, in the original order. */
      let missing: OpenedEntry[] = []

      const arrive = async (entries: readonly OpenedEntry[]) => {
        log = [...log, ...entries]
        await apply(lost.returned(id, entries))
      }
      for (const one of happenings) {
        switch (one.what) {
          case 'writes':
            await arrive(one.mine.map((mine, i) => entry(log.length + i + 1, mine)))
            break
          case 'wound back': {
            const common = Math.max(0, log.length - one.by)
            const cut = log.slice(common)
            log = log.slice(0, common)
            missing = [...missing, ...cut]
            const kept = cut.map((cutEntry) => ({ entry: cutEntry, wasRead: false }))
            await apply(lost.add(id, common, kept))
            break
          }
          case 'sent again': {
            const picked = missing.filter((_, i) => one.which.includes(i))
            missing = missing.filter((message) => !picked.includes(message))
            await arrive(picked.map((message, i) => ({ ...message, seq: log.length + i + 1 })))
            break
          }
          case 'forged': {
            const copied = missing[one.which]
            const content = { type: 'text', body: `forged ${crypto.randomUUID()}` }
            if (copied) await arrive([{ ...copied, content, seq: log.length + 1 }])
          }
        }
        const shown = lost.of(id)
        expect(shown.map(({ entry: kept }) => kept.id)).toEqual(missing.map((kept) => kept.id))
        const places = shown.map(({ afterSeq }) => afterSeq)
        expect(places).toEqual([...places].sort((one_, other) => one_ - other))
        expect(Math.max(0, ...places)).toBeLessThanOrEqual(log.length)
        expect((await openLostMessages(storage)).of(id)).toEqual(shown)
      }
    }),
    { numRuns: 300 },
  )
})
