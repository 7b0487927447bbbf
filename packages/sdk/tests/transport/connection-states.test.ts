import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ClientError } from '../../src/api/errors.ts'
import {
  CONNECTION,
  type ConnectionEvent,
  type ConnectionState,
} from '../../src/transport/connection-states.ts'
import { casesOf, pathTo, statesOf } from '../state-tables/table-cases.ts'
import { authenticated, connect, otherId } from './connection-rig.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

/** A connection tries immediately. */
const FIRST = 'getting_token'

/** A connection that gets its tokens when the test provides them. */
function rig() {
  const tokens: PromiseWithResolvers<string>[] = []
  const access = () => {
    const token = Promise.withResolvers<string>()
    tokens.push(token)
    return token.promise
  }
  return { ...connect({ access }), token: () => tokens.at(-1) as (typeof tokens)[number] }
}
type Rig = ReturnType<typeof rig>

interface Way {
  readonly of: ConnectionEvent
  readonly how: string
  /** The states in which the event can be caused this way; by default, all in which it may happen. */
  readonly states?: readonly ConnectionState[]
  readonly act: (rig: Rig) => void
}

const withSocket: ConnectionState[] = ['authenticating', 'online']
const refusal = new ClientError('refresh_refused')

/** Every way to cause each event. The first one leads on to other states. */
const ways: readonly Way[] = [
  { of: 'attempt', how: 'by hand', act: ({ connection }) => connection.reconnect() },
  { of: 'attempt', how: 'the network is back', act: ({ setOnline }) => setOnline(true) },
  {
    of: 'attempt',
    how: 'the wait is over',
    states: ['waiting'],
    act: () => vi.advanceTimersByTime(1_000),
  },
  { of: 'token', how: 'a token', act: ({ token }) => token().resolve('a token') },
  {
    of: 'authenticated',
    how: 'the answer',
    act: ({ last }) => {
      last().open()
      last().push(authenticated)
    },
  },
  { of: 'lost', how: 'the network is down', act: ({ setOnline }) => setOnline(false) },
  {
    of: 'lost',
    how: 'no token',
    states: ['getting_token'],
    act: ({ token }) => token().reject(new ClientError('offline')),
  },
  { of: 'lost', how: 'an error', states: withSocket, act: ({ last }) => last().fail() },
  { of: 'lost', how: 'the socket closes', states: withSocket, act: ({ last }) => last().end(1006) },
  {
    of: 'lost',
    how: 'no answer',
    states: ['authenticating'],
    act: () => vi.advanceTimersByTime(10_000),
  },
  { of: 'lost', how: 'no pong', states: ['online'], act: () => vi.advanceTimersByTime(15_000) },
  {
    of: 'lost',
    how: 'an answer about another device',
    states: withSocket,
    act: ({ last }) => last().push({ ...authenticated, deviceId: otherId }),
  },
  {
    of: 'lost',
    how: 'it is replaced',
    states: ['online'],
    act: ({ connection }) => connection.replace(),
  },
  {
    of: 'refused',
    how: 'there is no token for it',
    states: ['getting_token'],
    act: ({ token }) => token().reject(refusal),
  },
  {
    of: 'refused',
    how: 'the server ends the session',
    states: withSocket,
    act: ({ last }) => last().end(4002),
  },
  { of: 'close', how: 'by hand', act: ({ connection }) => connection.close() },
]

const settle = () => vi.advanceTimersByTimeAsync(0)

async function cause(one: Rig, event: ConnectionEvent, in_: ConnectionState): Promise<void> {
  const way = ways.find(({ of, states }) => of === event && (states?.includes(in_) ?? true))
  way?.act(one)
  await settle()
}

async function rigIn(state: ConnectionState): Promise<Rig> {
  const one = rig()
  await follow(one, pathTo(CONNECTION, FIRST, state))
  expect(one.connection.exactState).toBe(state)
  return one
}

/** Abandons the current attempt, starts another one, and continues from there. */
async function retryAndGoTo(state: ConnectionState, one: Rig): Promise<void> {
  await follow(one, ['lost', 'attempt', ...pathTo(CONNECTION, FIRST, state)])
}

async function follow(one: Rig, events: readonly ConnectionEvent[]): Promise<void> {
  for (const event of events) await cause(one, event, one.connection.exactState)
}

const cases = casesOf(CONNECTION, FIRST).flatMap(({ state, event, next }) =>
  ways
    .filter(({ of, states }) => of === event && (states?.includes(state) ?? true))
    .map(({ how, act }) => ({ state, event, how, act, next: next ?? state })),
)

test('every event is caused in every state in which it may happen', () => {
  const tried = new Set(cases.map(({ state, event }) => `${state} ${event}`))
  const all = casesOf(CONNECTION, FIRST).map(({ state, event }) => `${state} ${event}`)
  expect([...tried].sort()).toEqual(all.sort())
})

test.each(cases)('$state, $event ($how): $next', async ({ state, act, next }) => {
  const one = await rigIn(state)
  act(one)
  await settle()
  expect(one.connection.exactState).toBe(next)
})

/** The outcomes for the token of an earlier attempt. */
const late: readonly [how: string, act: (token: PromiseWithResolvers<string>) => void][] = [
  ['it arrives', ({ resolve }) => resolve('a late token')],
  ['it fails', ({ reject }) => reject(new ClientError('offline'))],
  ['the session has ended', ({ reject }) => reject(refusal)],
]
const lateCases = statesOf(CONNECTION).flatMap((state) =>
  late.map(([how, act]) => ({ state, how, act })),
)

test.each(lateCases)('$state ignores an earlier token ($how)', async ({ state, act }) => {
  const one = rig()
  const token = one.token()
  await retryAndGoTo(state, one)
  const sockets = one.sockets.length
  act(token)
  await settle()

  expect(one.connection.exactState).toBe(state)
  expect(one.sockets).toHaveLength(sockets)
})

test.each(statesOf(CONNECTION))('%s ignores an earlier socket', async (state) => {
  const one = await rigIn('authenticating')
  const first = one.last()
  await retryAndGoTo(state, one)
  const { length } = one.events
  expect(first.readyState).toBe(3)
  first.open()
  first.push(authenticated)
  first.fail()
  first.end(4002)
  await settle()

  expect(one.connection.exactState).toBe(state)
  expect(one.events).toHaveLength(length)
})
