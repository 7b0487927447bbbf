import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ClientError } from '../../src/api/errors.ts'
import { mayReconnect, reconnectDelayMs } from '../../src/transport/reconnect-policy.ts'
import { authenticated, connect, otherId } from './connection-rig.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('the token is in the first frame, not in the URL', async () => {
  const { events, last, online } = connect()
  await online()
  expect(events).toEqual(['wss://chat.example/ws', 'connected'])
  expect(last().sent).toEqual([{ type: 'authenticate', token: 'a token' }])
})

test('a silent server is noticed within 30 seconds', async () => {
  const { connection, online, last, events } = connect()
  await online()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(last().sent.at(-1)).toEqual({ type: 'ping' })
  last().push({ type: 'pong' })
  await vi.advanceTimersByTimeAsync(25_000)
  expect(connection.state).not.toBe('online')
  expect(events).toContain('suspect')
})

test('the connection comes back, but not after the session has ended', async () => {
  const { connection, online, last, sockets, events } = connect()
  await online()
  last().end(1012)
  expect(connection.state).toBe('offline')
  await vi.advanceTimersByTimeAsync(1_000)
  await online()
  expect(sockets).toHaveLength(2)

  last().end(4002)
  await vi.advanceTimersByTimeAsync(120_000)
  expect(sockets).toHaveLength(2)
  expect(events.at(-1)).toBe('session ended')
})

test('the reason for an ended session is fetched and reported once', async () => {
  const refused = new ClientError('refresh_refused', { reason: 'account_suspended' })
  const { online, last, events } = connect({ renew: () => Promise.reject(refused) })
  await online()
  last().end(4002)
  await vi.advanceTimersByTimeAsync(120_000)
  // `tokens` reports it.
  expect(events).not.toContain('session ended')
})

test.each(['accountId', 'deviceId'])(
  'an answer that names another %s is untrusted, and the connection is closed',
  async (member) => {
    const { connection, sockets, events, failures, last, online } = connect()
    await vi.advanceTimersByTimeAsync(0)
    last().open()
    last().push({ ...authenticated, [member]: otherId })

    expect(connection.state).toBe('offline')
    expect(last().readyState).toBe(3)
    expect(failures).toMatchObject([{ code: 'untrusted_answer' }])
    expect(events).not.toContain('connected')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(sockets).toHaveLength(2)
    await online()
    expect(connection.state).toBe('online')
  },
)

test('a renewed authentication that names another device ends the connection', async () => {
  const { connection, events, failures, last, online } = connect()
  await online()
  last().push({ ...authenticated, deviceId: otherId })
  expect(connection.state).toBe('offline')
  expect(failures).toMatchObject([{ code: 'untrusted_answer' }])
  expect(events.at(-1)).toBe('disconnected')
})

test('it tries immediately when the network is back', async () => {
  const { setOnline, online, sockets } = connect()
  await online()
  setOnline(false)
  setOnline(true)
  await vi.advanceTimersByTimeAsync(0)
  expect(sockets).toHaveLength(2)
})

test('it tries immediately after a change of network', async () => {
  const { connection, setOnline, online, sockets, last, events } = connect()
  await online()
  setOnline(true)
  expect(last().sent.at(-1)).toEqual({ type: 'ping' })
  last().push({ type: 'pong' })
  await vi.advanceTimersByTimeAsync(9_000)
  expect(connection.state).toBe('online')

  setOnline(true)
  await vi.advanceTimersByTimeAsync(9_000)
  expect(events).toContain('suspect')
  expect(sockets).toHaveLength(2)
})

test('other connections are not suspect after the server closes one', async () => {
  const { online, last, events } = connect()
  await online()
  last().end(1012)
  last().end(1006)
  expect(events).not.toContain('suspect')
})

test('invalid frames are ignored', async () => {
  const { connection, online, last, events } = connect()
  await online()
  for (const text of ['', '{', '[]', '{"type":"unknown"}', '{"type":"typing"}']) last().push(text)
  last().push({ type: 'pong' })
  expect(connection.state).toBe('online')
  expect(events).toHaveLength(2)
})

test('waits grow to 15 seconds, and half of each is random', () => {
  const waits = [0, 1, 2, 3, 10].map((attempt) => reconnectDelayMs(attempt, 1006, () => 1))
  expect(waits).toEqual([500, 750, 1125, 1687.5, 15_000])
  expect(reconnectDelayMs(10, 1006, () => 0)).toBe(7_500)
  expect(mayReconnect(1006) && !mayReconnect(4002)).toBe(true)
})
