import { type Conversation, type ConversationId, chatRequests, type Endpoint } from '@sotto/wire'
import { beforeEach, expect, test, vi } from 'vitest'
import { ClientError } from '../../src/api/errors.ts'
import type { ConversationRecord } from '../../src/conversations/conversation-record.ts'
import { type FollowEraDependencies, followEra } from '../../src/server-restore/follow-era.ts'
import { put } from '../../src/storage/record-kind.ts'
import { CURSOR, ERA } from '../../src/storage/records/account.ts'
import type { Store } from '../../src/storage/store.ts'
import { createMemoryStore } from '../storage/memory-store.ts'

const [one, other, gone] = [1, 2, 3].map(() => crypto.randomUUID() as ConversationId) as [
  ConversationId,
  ConversationId,
  ConversationId,
]
/** What the server lists, a page each. */
const pages = [{ conversations: [{ id: one }] }, { conversations: [{ id: other }] }]

let storage: Store
let asked: unknown[]
let listedEra: string
let deps: FollowEraDependencies
const onNewEra = vi.fn()
const restoreOwn = vi.fn()
const compare = vi.fn()
const onError = vi.fn()
const update = vi.fn()

beforeEach(() => {
  vi.resetAllMocks()
  storage = createMemoryStore()
  asked = []
  listedEra = 'new'
  const call = async (endpoint: Endpoint, { query }: { query: { since?: string } }) => {
    expect(endpoint).toBe(chatRequests.listChanges)
    asked.push(query.since)
    const page = Number(query.since ?? 0)
    const more = page + 1 < pages.length
    return { ...pages[page], era: listedEra, cursor: String(page + 1), more }
  }
  const here = [one, other, gone].map((id) => ({ id }) as ConversationRecord)
  deps = {
    ...{ storage, call, conversations: { all: () => here, update } },
    ...{ onNewEra, restoreOwn, compare, onError },
  } as unknown as FollowEraDependencies
})

const knows = (era: string) => storage.write([put(ERA, era), put(CURSOR, 'a place in it')])

test('the first era that a device sees is recorded, and there is nothing to compare', async () => {
  expect(await followEra(deps, 'new')).toBe(false)
  expect(await storage.load(ERA)).toBe('new')
  expect(onNewEra).not.toHaveBeenCalled()
  expect(asked).toEqual([])
})

test('in the known era nothing happens', async () => {
  await knows('new')
  expect(await followEra(deps, 'new')).toBe(false)
  expect(await storage.load(CURSOR)).toBe('a place in it')
  expect(onNewEra).not.toHaveBeenCalled()
})

test('in another era every conversation is set aside and compared with the whole list', async () => {
  await knows('former')
  const order: string[] = []
  onNewEra.mockImplementation(() => order.push('shut'))
  update.mockImplementation(async (_, change) => {
    const { next } = await change({ membership: {} })
    order.push(next.membership.aside)
  })
  restoreOwn.mockImplementation((era: string) => order.push(`own ${era}`))
  compare.mockImplementation(() => order.push('compared'))

  expect(await followEra(deps, 'new')).toBe(true)

  const aside = Array.from({ length: 3 }, () => 'uncompared')
  expect(order).toEqual(['shut', ...aside, 'own new', 'compared', 'compared', 'compared'])
  expect(asked).toEqual([undefined, '1'])
  const told = (id: ConversationId) => ({ id }) as Conversation
  expect(compare.mock.calls).toEqual([
    [one, told(one)],
    [other, told(other)],
    [gone, undefined],
  ])
  expect(await storage.load(ERA)).toBe('new')
  // Everything is requested from the start.
  expect(await storage.load(CURSOR)).toBeUndefined()
})

test('a conversation that cannot be compared is reported, and holds up no other one', async () => {
  await knows('former')
  const error = new ClientError('untrusted_answer')
  compare.mockRejectedValueOnce(error)
  expect(await followEra(deps, 'new')).toBe(true)
  expect(compare).toHaveBeenCalledTimes(3)
  expect(onError.mock.calls).toEqual([[error]])
  expect(await storage.load(ERA)).toBe('new')
})

test('after an interruption everything starts over', async () => {
  await knows('former')
  compare.mockRejectedValueOnce(new ClientError('offline'))
  await expect(followEra(deps, 'new')).rejects.toMatchObject({ code: 'offline' })
  expect(await storage.load(ERA)).toBe('former')
  expect(await storage.load(CURSOR)).toBe('a place in it')
  expect(onError).not.toHaveBeenCalled()
  expect(await followEra(deps, 'new')).toBe(true)
})

test('a server that is restored again meanwhile is followed from the start', async () => {
  await knows('former')
  listedEra = 'newer'
  await expect(followEra(deps, 'new')).rejects.toMatchObject({ code: 'unavailable' })
  expect(compare).not.toHaveBeenCalled()
  expect(await storage.load(ERA)).toBe('former')
})
