import { describe, expect, test } from 'vitest'
import { type Outbox, openOutbox } from '../../src/sending/outbox.ts'
import {
  type ItemEvent,
  type ItemState,
  OUTBOX_ITEM,
  stateOfItem,
} from '../../src/sending/outbox-states.ts'
import type { OutboxItem } from '../../src/storage/records/log.ts'
import type { Step } from '../../src/storage/storage.ts'
import { casesOf, pathTo, refusedBy } from '../state-tables/table-cases.ts'
import { createMemoryStore } from '../storage/memory-store.ts'
import { conversation, conversationId, entryOf, item, textOf } from './outbox-items.ts'

/** The message in every case. */
const written = item('hello')
const other = entryOf(item('something else'), { seq: 4, content: textOf('something else') })
const again = { ...written, wasAccepted: true } as const

type Cause = (outbox: Outbox, current: OutboxItem) => Step | undefined

/** How each event is caused. `current` is the item in the outbox, if there is one. */
const causes: Readonly<Record<ItemEvent, Cause>> = {
  add: (outbox) => outbox.add(written),
  accept: (outbox, current) => outbox.accepted(current, { seq: 4, at: 1 }),
  arrive: (outbox) => outbox.arrived(conversation, [entryOf(written)]),
  miss: (outbox) => outbox.arrived(conversation, [other]),
  fail: (outbox, current) => outbox.fail(current, 'quota_exceeded'),
  seal_again: (outbox, current) => outbox.sealAgain(current, { ...written, counter: 2 }),
  lose: (outbox) => outbox.putBack(conversation, [again]),
  discard: (outbox, current) => outbox.discard(current),
}

/** States of messages that aren't in the outbox. */
const outside: readonly ItemState[] = ['written', 'in_log', 'discarded']

async function open() {
  const storage = createMemoryStore()
  const outbox = await openOutbox(storage, () => {})
  const here = () => outbox.find(conversationId, written.envelope.id)
  const state = () => {
    const one = here()
    return one && stateOfItem(one)
  }
  const take = async (cause: Cause) => {
    const step = cause(outbox, here() as OutboxItem)
    if (!step) return
    await storage.write(step.changes)
    step.stored()
  }
  const reopened = async () => (await openOutbox(storage, () => {})).of(conversationId)
  return { outbox, state, take, reopened }
}

const shown = (state: ItemState) => (outside.includes(state) ? undefined : state)

describe.each(casesOf(OUTBOX_ITEM))('$state, $event', ({ state, event, next, path }) => {
  test(`${next ?? 'nothing'}`, async () => {
    const one = await open()
    for (const event of path) await one.take(causes[event])
    expect(one.state()).toBe(shown(state))
    const before = one.outbox.of(conversationId)

    await one.take(causes[event])

    expect(one.state()).toBe(shown(next ?? state))
    if (next === null) expect(one.outbox.of(conversationId)).toBe(before)
    expect(await one.reopened()).toEqual(one.outbox.of(conversationId))
  })
})

test('a message counts as lost by a restored server if it was accepted, but the log here did not reach it', async () => {
  const one = await open()
  await one.take(causes.add)
  await one.take(causes.accept)

  await one.take((outbox) => outbox.putBack(conversation, []))

  expect(one.state()).toBe('lost')
  expect(await one.reopened()).toEqual(one.outbox.of(conversationId))
})

test('a failed message keeps its reason until it is sealed again', async () => {
  const one = await open()
  await one.take(causes.add)
  await one.take(causes.accept)
  await one.take(causes.miss)
  expect(one.outbox.of(conversationId)).toMatchObject([
    { state: 'failed', failure: 'untrusted_answer', accepted: null },
  ])

  await one.take(causes.seal_again)

  expect(one.outbox.of(conversationId)).toMatchObject([
    { state: 'waiting', failure: null, counter: 2 },
  ])
})

const refused = refusedBy(OUTBOX_ITEM).filter(([state]) => !outside.includes(state))

test.each(refused)('%s refuses %s', async (state, event) => {
  const one = await open()
  for (const event of pathTo(OUTBOX_ITEM, 'written', state)) await one.take(causes[event])
  const before = one.outbox.of(conversationId)

  await one.take(causes[event]).catch((error) => expect(error).toMatchObject({ code: 'internal' }))

  expect(one.outbox.of(conversationId)).toEqual(before)
  expect(await one.reopened()).toEqual(before)
})
