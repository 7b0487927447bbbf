import { randomUUID } from 'node:crypto'
import { ConversationId, EnvelopeId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { AcceptanceMemory } from '../../src/domain/eras/acceptance-memory.ts'

const envelope = (seq: number) => ({
  conversationId: ConversationId.parse(randomUUID()),
  id: EnvelopeId.parse(randomUUID()),
  seq,
  acceptedAt: 0,
})
const on = (server: string, seq = 1) => ({ server, envelopes: [envelope(seq)] })

function settledMemory(server: string, connections = 2) {
  const memory = new AcceptanceMemory(connections)
  memory.settle(server, [])
  return memory
}

test('nothing is settled before the first check', () => {
  const memory = new AcceptanceMemory(2)
  expect(memory.isSettledOn('a')).toBe(false)
  memory.settle('a', [])
  expect(memory.isSettledOn('a')).toBe(true)
  expect(memory.isSettledOn('b')).toBe(false)
})

test('after a failover, everything remembered is compared and then settled', () => {
  const memory = settledMemory('a')
  memory.remember(on('a'))
  memory.remember({ server: 'a', mark: { slot: 0, number: 1 } })

  const compared = memory.elsewhere('b')
  expect(compared).toHaveLength(2)
  memory.settle('b', compared)

  expect(memory.isSettledOn('b')).toBe(true)
  expect(memory.elsewhere('b')).toEqual([])
  // It is compared again when the next server takes over.
  expect(memory.elsewhere('c')).toHaveLength(2)
})

test('a late answer from the former server is compared too', () => {
  const memory = settledMemory('a')
  const compared = memory.elsewhere('b')
  memory.settle('b', compared)
  memory.remember(on('a', 7))

  expect(memory.isSettledOn('b')).toBe(false)
  expect(memory.elsewhere('b')).toMatchObject([{ envelopes: [{ seq: 7 }] }])
})

test('an answer that arrives during the comparison is not settled by it', () => {
  const memory = settledMemory('a')
  memory.remember(on('a', 1))
  const compared = memory.elsewhere('b')
  memory.remember(on('a', 2))
  memory.settle('b', compared)

  expect(memory.isSettledOn('b')).toBe(false)
  expect(memory.elsewhere('b')).toMatchObject([{ envelopes: [{ seq: 2 }] }])
})

test('the memory is bounded, and holds more than can be in flight', () => {
  const memory = settledMemory('a', 3)
  for (let seq = 1; seq <= 100; seq += 1) memory.remember(on('a', seq))

  const seqs = memory.elsewhere('b').map(({ envelopes }) => envelopes?.[0]?.seq)
  expect(seqs).toEqual([95, 96, 97, 98, 99, 100])
})

test('acknowledgements that a new era covers are forgotten', () => {
  const memory = settledMemory('a')
  memory.remember(on('a'))
  const compared = memory.elsewhere('b')
  memory.forget(compared)
  memory.settle('b', compared)

  expect(memory.isSettledOn('b')).toBe(true)
  expect(memory.elsewhere('c')).toEqual([])
})
