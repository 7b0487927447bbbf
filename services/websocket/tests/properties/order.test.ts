import type { ConversationId, EnvelopeId, NewEnvelope } from '@sotto/wire'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Lanes, type Sending } from '../../src/batching/lanes.ts'
import type { Connection } from '../../src/connections/connection.ts'
import { type Device, newActor, newConversationId, newEnvelope, Testbed } from '../testbed.ts'

const SEED = Number(process.env.SEED ?? Date.now() % 1_000_000)
const RUNS = process.env.SLOW ? 40 : 3

/** Small and seeded, so that a failure can be reproduced with `SEED=…`. */
function randomFrom(seed: number) {
  let state = seed >>> 0
  return (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** Sends each conversation's envelopes in order, and resends those that are temporarily refused. */
async function sendAll(device: Device, envelopes: readonly NewEnvelope[], random: Random) {
  const open = new Map<EnvelopeId, NewEnvelope>(envelopes.map((each) => [each.id, each]))
  let unsent = [...envelopes]
  while (open.size > 0) {
    let sent = 0
    while (unsent.length > 0) {
      const part = unsent.splice(0, 1 + random(8))
      sent += part.length
      device.send({ type: 'send', envelopes: part })
      if (random(2) === 0) await new Promise((resolve) => setTimeout(resolve, random(60)))
    }
    const verdicts = await device.verdicts(sent)
    for (const verdict of verdicts) if (verdict.fate === 'accepted') open.delete(verdict.id)
    unsent = [...open.values()]
  }
}
type Random = ReturnType<typeof randomFrom>

test.each(Array.from({ length: RUNS }, (_, i) => SEED + i))(
  'order survives slow, concurrent and lost batches (seed %i)',
  async (seed) => {
    const random = randomFrom(seed)
    await using bed = await Testbed.start({ decideWithinMs: 80, maxBatchesInFlight: 4 })
    const stored = new Map<ConversationId, EnvelopeId[]>()
    await bed.broker.consumeCommands(async (command) => {
      if (command.type !== 'envelopes.accept') return
      await new Promise((resolve) => setTimeout(resolve, random(12)))
      if (random(12) === 0) return
      const verdicts = command.envelopes.map(({ envelope: { id, conversationId } }) => {
        const log = stored.get(conversationId) ?? []
        stored.set(conversationId, log)
        if (!log.includes(id)) log.push(id)
        const seq = log.indexOf(id) + 1
        return { fate: 'accepted' as const, id, conversationId, seq, acceptedAt: 1 }
      })
      // Sometimes too late: the envelope is stored although the sender was told to retry.
      if (random(12) === 0) await new Promise((resolve) => setTimeout(resolve, 120))
      const { batchId, replyTo } = command
      await bed.broker.publishToInstance(replyTo, { type: 'batch.decided', batchId, verdicts })
    })

    const conversations = Array.from({ length: 6 }, newConversationId)
    const senders = await Promise.all(
      Array.from({ length: 5 }, async () => ({
        device: await bed.connect(newActor()),
        envelopes: Array.from({ length: 60 }, () =>
          newEnvelope(conversations[random(6)] as ConversationId),
        ),
      })),
    )
    await Promise.all(
      senders.map(({ device, envelopes }) => sendAll(device, envelopes, randomFrom(random(1e9)))),
    )

    for (const { envelopes } of senders) {
      for (const conversationId of conversations) {
        const sent = envelopes.filter((each) => each.conversationId === conversationId)
        const ids = sent.map(({ id }) => id)
        expect(stored.get(conversationId)?.filter((id) => ids.includes(id)) ?? []).toEqual(ids)
      }
    }
  },
)

const conversations = Array.from({ length: 4 }, newConversationId)
const connection = {} as Connection
const actor = newActor()

test('lanes: every envelope is taken once, in order, and no conversation is in two batches', () => {
  const step = fc.oneof(
    fc.record({ add: fc.nat(3), chars: fc.constantFrom(1, 1_000, 100_000) }),
    fc.record({ take: fc.constant(true) }),
    fc.record({ release: fc.nat(9) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const lanes = new Lanes()
      const added: Sending[] = []
      const out: Sending[] = []
      let inFlight: Sending[][] = []

      const take = () => {
        const batch = lanes.take()
        const busy = new Set(inFlight.flat().map(({ envelope }) => envelope.conversationId))
        expect(batch.some(({ envelope }) => busy.has(envelope.conversationId))).toBe(false)
        if (batch.length > 0) inFlight.push(batch)
        out.push(...batch)
      }
      for (const each of steps) {
        if ('add' in each) {
          const conversationId = conversations[each.add] as ConversationId
          const envelope = newEnvelope(conversationId, 'A'.repeat(each.chars))
          const place = added.length
          const sending = { connection, actor, envelope, place, arrivedAt: place }
          added.push(sending)
          lanes.add(sending)
        } else if ('take' in each) {
          take()
        } else {
          const [batch] = inFlight.splice(each.release % Math.max(1, inFlight.length), 1)
          if (batch) lanes.release(batch)
        }
      }
      while (lanes.size > 0) {
        for (const batch of inFlight) lanes.release(batch)
        inFlight = []
        take()
      }

      expect(lanes.chars).toBe(0)
      expect(out).toHaveLength(added.length)
      for (const id of conversations) {
        const ofLane = ({ envelope }: Sending) => envelope.conversationId === id
        expect(out.filter(ofLane)).toEqual(added.filter(ofLane))
      }
    }),
    { numRuns: process.env.SLOW ? 2_000 : 100 },
  )
})
