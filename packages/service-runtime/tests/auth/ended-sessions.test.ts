import { randomUUID } from 'node:crypto'
import { AccountId, type SessionEnded, SessionId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import {
  type Broker,
  createInProcessBroker,
  createLogger,
  type EndedSessions,
  followEndedSessions,
} from '../../src/index.ts'

const log = createLogger({ name: 'test', level: 'silent' })

const newEnded = () => ({
  sessionId: SessionId.parse(randomUUID()),
  accountId: AccountId.parse(randomUUID()),
})
type Ended = ReturnType<typeof newEnded>

/** Follows a list that the test fills, and events that it sends. */
async function follow(options: { failures?: number; broker?: Broker } = {}) {
  const { failures = 0, broker = createInProcessBroker({ log }) } = options
  const listed: Ended[] = []
  const seen: Ended[] = []
  const asked: (number | undefined)[] = []
  const read = async (since?: number): Promise<EndedSessions> => {
    asked.push(since)
    if (asked.length <= failures) throw new Error('no auth service')
    return { readAt: 1_000_000, sessions: [...listed] }
  }
  const onEnded = (ended: Ended) => void seen.push(ended)
  const following = followEndedSessions({ broker, read, onEnded, log, everyMs: 20 })
  return { broker, listed, seen, asked, following }
}

test('sessions that ended earlier are known after the start, even if the first answers fail', async () => {
  const { following, asked } = await follow({ failures: 1 })
  const subscription = await following

  expect(asked.slice(0, 2)).toEqual([undefined, undefined])
  await subscription.close()
})

test('an event takes effect immediately, even while the auth service does not answer', async () => {
  const { broker, seen, following } = await follow({ failures: Number.POSITIVE_INFINITY })
  const ended = newEnded()
  const event: SessionEnded = { type: 'session.ended', ...ended }
  await broker.publishToAll(event)

  await eventually('an ended session', () => seen.length > 0)
  expect(seen[0]).toMatchObject(ended)
  void following
})

test('a session that ended without an event is found soon, by asking only for recent ones', async () => {
  const { listed, seen, asked, following } = await follow()
  const subscription = await following
  const ended = newEnded()
  listed.push(ended)

  await eventually('an ended session', () => seen.length > 0)
  expect(seen[0]).toEqual(ended)
  expect(asked[0]).toBeUndefined()
  expect(asked.at(-1)).toBe(1_000_000 - 60_000)
  await subscription.close()
})

test('asks immediately after an interruption of the broker', async () => {
  const broker = createInProcessBroker({ log })
  const handlers: (() => void)[] = []
  const interrupted: Broker = {
    ...broker,
    onInterrupted(handler) {
      handlers.push(handler)
      return { close: async () => void handlers.splice(0) }
    },
  }
  const asked: (number | undefined)[] = []
  const read = async (since?: number) => {
    asked.push(since)
    return { readAt: 1_000_000, sessions: [] }
  }
  const onEnded = () => {}
  const subscription = await followEndedSessions({ broker: interrupted, read, onEnded, log })
  for (const handler of handlers) handler()

  await eventually('two questions', () => asked.length === 2)
  await subscription.close()
  expect(handlers).toEqual([])
})
