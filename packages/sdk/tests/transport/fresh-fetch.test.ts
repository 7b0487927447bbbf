import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { FreshFetch } from '../../src/transport/fresh-fetch.ts'

// A browser's pool of connections, as far as it matters here: idle ones are used first, a request on a dead one gets no
// answer, and an aborted request closes its connection.

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

interface Connection {
  isDead: boolean
}

function browser({ perPool = 6 } = {}) {
  const pools = { usual: [] as Connection[], apart: [] as Connection[] }
  const waiting: { usual: (() => void)[]; apart: (() => void)[] } = { usual: [], apart: [] }
  const inUse = { usual: 0, apart: 0 }
  const asked: string[] = []
  const answer: { status: number } = { status: 200 }

  const take = async (pool: 'usual' | 'apart'): Promise<Connection> => {
    while (inUse[pool] >= perPool) await new Promise<void>((next) => waiting[pool].push(next))
    inUse[pool] += 1
    return pools[pool].pop() ?? { isDead: false }
  }
  const give = (pool: 'usual' | 'apart', connection: Connection | undefined) => {
    inUse[pool] -= 1
    if (connection) pools[pool].push(connection)
    waiting[pool].shift()?.()
  }
  const fetch = (async (input: URL | string, { signal, method, credentials }: RequestInit = {}) => {
    const pool = credentials === 'omit' ? 'apart' : 'usual'
    signal?.throwIfAborted()
    const { pathname } = new URL(String(input))
    asked.push(`${method ?? 'GET'} ${pathname} ${pool}`)
    const connection = await take(pool)
    if (!connection.isDead) {
      await new Promise((soon) => setTimeout(soon, 10))
      give(pool, connection)
      return Response.json({ pathname }, { status: pool === 'apart' ? answer.status : 200 })
    }
    return new Promise<Response>((_, reject) => {
      const gone = () => {
        give(pool, undefined)
        reject(signal?.reason)
      }
      if (signal?.aborted) gone()
      signal?.addEventListener('abort', gone)
    })
  }) as typeof globalThis.fetch

  return {
    asked,
    answer,
    fetch,
    /** Leaves six idle connections behind that have died silently. */
    fallSilent: () => {
      pools.usual = Array.from({ length: perPool }, () => ({ isDead: true }))
    },
    isClean: () => pools.usual.every(({ isDead }) => !isDead),
  }
}

/** A client request, with the time until it was answered. */
function requesting(fresh: FreshFetch, path: string, init: RequestInit = {}) {
  const from = Date.now()
  const signal = AbortSignal.timeout(15_000)
  const answered = fresh
    .fetch(`https://chat.example${path}`, { method: 'GET', signal, ...init })
    .then(async (response) => ({ ms: Date.now() - from, status: response.status }))
  answered.catch(() => {})
  return answered
}

test('while nothing is suspect, each request is sent once', async () => {
  const { fetch, asked } = browser()
  const answered = requesting(new FreshFetch(fetch), '/changes')
  await vi.runAllTimersAsync()
  expect(await answered).toEqual({ ms: 10, status: 200 })
  expect(asked).toEqual(['GET /changes usual'])
})

test('six dead connections are aborted together, and reads do not wait for it', async () => {
  const { fetch, fallSilent, isClean } = browser()
  const fresh = new FreshFetch(fetch)
  fallSilent()
  fresh.suspect()
  const reading = Array.from({ length: 8 }, (_, n) => requesting(fresh, `/conversations/${n}`))
  const writing = requesting(fresh, '/manifest', { method: 'PUT' })
  await vi.advanceTimersByTimeAsync(100)
  for (const one of reading) expect((await one).ms).toBeLessThan(50)

  await vi.advanceTimersByTimeAsync(3_100)

  expect((await writing).ms).toBeLessThan(3_100)
  expect(isClean()).toBe(true)
})

test('live connections are kept, and no write is sent twice', async () => {
  const { fetch, asked } = browser()
  const fresh = new FreshFetch(fetch)
  fresh.suspect()
  const writing = requesting(fresh, '/manifest', { method: 'PUT' })
  await vi.advanceTimersByTimeAsync(100)
  expect((await writing).ms).toBe(20)
  expect(asked.filter((line) => line.startsWith('PUT'))).toEqual(['PUT /manifest usual'])
})

test('requests in flight get a little more time when the network is found dead', async () => {
  const { fetch, fallSilent } = browser()
  const fresh = new FreshFetch(fetch)
  fallSilent()
  const reading = requesting(fresh, '/changes')
  await vi.advanceTimersByTimeAsync(1_000)
  fresh.suspect()
  await vi.advanceTimersByTimeAsync(3_000)
  await expect(reading).rejects.toMatchObject({ name: 'AbortError' })
})

test('an unanswered request makes the other connections suspect', async () => {
  const { fetch, fallSilent, asked } = browser()
  const fresh = new FreshFetch(fetch)
  fallSilent()
  const stop = new AbortController()
  const first = requesting(fresh, '/changes', { signal: stop.signal })
  await vi.advanceTimersByTimeAsync(15_000)
  stop.abort()
  await expect(first).rejects.toThrow()

  const second = requesting(fresh, '/changes')
  await vi.advanceTimersByTimeAsync(100)

  expect((await second).ms).toBeLessThan(50)
  expect(asked).toContain('GET /changes apart')
})

test('if requests without cookies are rejected, the usual route counts', async () => {
  const { fetch, answer } = browser()
  answer.status = 401
  const fresh = new FreshFetch(fetch)
  fresh.suspect()
  const reading = requesting(fresh, '/changes')
  await vi.advanceTimersByTimeAsync(100)
  expect((await reading).status).toBe(200)
})

test('without a network it fails as usual', async () => {
  const fresh = new FreshFetch(() => Promise.reject(new TypeError('fetch failed')))
  fresh.suspect()
  const reading = requesting(fresh, '/changes')
  await vi.advanceTimersByTimeAsync(100)
  await expect(reading).rejects.toThrow()
})
