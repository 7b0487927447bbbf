import { randomUUID } from 'node:crypto'
import type { ConversationId, EnvelopeId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { check } from './checker.ts'
import { Ledger, textOf } from './ledger.ts'

const conversation = randomUUID() as ConversationId
const nothing = { lost: 0, twice: 0, disorder: 0, ghosts: 0, unlogged: 0 }

/** Alice has written `count` messages to Bob; the server accepted and logged all of them. */
function written(count: number) {
  const ledger = new Ledger()
  const line = ledger.open('alice', conversation, ['alice', 'bob'])
  const log: { seq: number; id: EnvelopeId }[] = []
  for (let counter = 0; counter < count; counter++) {
    const id = randomUUID() as EnvelopeId
    ledger.send(line, id)
    ledger.accept(line, counter, counter + 1)
    log.push({ seq: counter + 1, id })
  }
  ledger.logged.set(conversation, log)
  const show = (device: string, counters: readonly number[]) => {
    for (const counter of counters) {
      ledger.show(device, conversation, { seq: counter + 1, text: textOf('alice', counter) })
    }
  }
  return { ledger, line, log, show }
}

test('no findings if everyone has everything once and in order', () => {
  const { ledger, show } = written(3)
  show('alice', [0, 1, 2])
  show('bob', [0, 1, 2])

  expect(check(ledger)).toEqual({ accepted: 3, ...nothing })
})

test('an accepted message that one device does not show is lost', () => {
  const { ledger, show } = written(3)
  show('alice', [0, 1, 2])
  show('bob', [0, 2])

  expect(check(ledger)).toEqual({ accepted: 3, ...nothing, lost: 1 })
})

test('for a device that shows nothing, everything is lost', () => {
  const { ledger, show } = written(3)
  show('alice', [0, 1, 2])

  expect(check(ledger)).toMatchObject({ lost: 3 })
})

test('a message that was never accepted may be missing', () => {
  const { ledger, line, show } = written(2)
  ledger.send(line, randomUUID() as EnvelopeId)
  show('alice', [0, 1])
  show('bob', [0, 1])

  expect(check(ledger)).toEqual({ accepted: 2, ...nothing })
})

test('a message that is shown again is shown twice', () => {
  const { ledger, show } = written(2)
  show('alice', [0, 1])
  show('bob', [0, 1, 1])

  expect(check(ledger)).toEqual({ accepted: 2, ...nothing, twice: 1 })
})

test('a message shown after a later one of its sender is disorder', () => {
  const { ledger, show } = written(3)
  show('alice', [0, 1, 2])
  show('bob', [1, 0, 2])

  expect(check(ledger)).toEqual({ accepted: 3, ...nothing, disorder: 1 })
})

test('a message that was never sent is a ghost: another counter, another conversation, another text', () => {
  const { ledger, show } = written(1)
  const elsewhere = randomUUID() as ConversationId
  show('alice', [0])
  show('bob', [0, 7])
  ledger.show('bob', elsewhere, { seq: 1, text: textOf('alice', 0) })
  ledger.show('bob', conversation, { seq: 9, text: 'boo' })

  expect(check(ledger)).toEqual({ accepted: 1, ...nothing, ghosts: 3 })
})

test('an accepted message that is elsewhere in the log, or nowhere, is unlogged', () => {
  const { ledger, log, show } = written(3)
  show('alice', [0, 1, 2])
  show('bob', [0, 1, 2])
  const [first, second] = log.map(({ id }) => id) as [EnvelopeId, EnvelopeId]
  ledger.logged.set(conversation, [
    { seq: 1, id: first },
    { seq: 3, id: second },
  ])

  expect(check(ledger)).toEqual({ accepted: 3, ...nothing, unlogged: 2 })
})
