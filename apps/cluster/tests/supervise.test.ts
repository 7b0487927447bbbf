import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import type { Part } from '../src/parts/part.ts'
import { pauseBefore, Supervised } from '../src/supervise.ts'

/** A part without a process, whose runs the test ends. */
function partInMemory({ fails = 0 } = {}) {
  const lives: (() => void)[] = []
  let failures = fails
  const part: Part = {
    name: 'chat-1',
    port: 1,
    isReady: async () => true,
    async start() {
      if (failures > 0 && lives.length > 0) {
        failures -= 1
        throw new Error('It does not start')
      }
      const { promise, resolve } = Promise.withResolvers<void>()
      lives.push(resolve)
      return { pid: lives.length, ended: promise, stop: async () => resolve() }
    },
  }
  return { part, lives }
}

const until = async (isTrue: () => boolean) => {
  while (!isTrue()) await sleep(2)
}

test('a part that exits is restarted immediately, and counted', async () => {
  const { part, lives } = partInMemory()
  const supervised = new Supervised(part, () => {})
  await supervised.start()
  lives[0]?.()
  await until(() => lives.length === 2)

  expect(await supervised.status()).toMatchObject({ state: 'running', pid: 2, restarts: 1 })
  await supervised.stop()
})

test('a part that cannot be started is retried until it can, and the operator is told', async () => {
  const { part, lives } = partInMemory({ fails: 2 })
  const lines: string[] = []
  const supervised = new Supervised(part, (line) => lines.push(line))
  await supervised.start()
  lives[0]?.()
  await until(() => lives.length === 2)

  expect(lines.filter((line) => line === 'It does not start')).toHaveLength(2)
  expect((await supervised.status()).restarts).toBe(3)
  await supervised.stop()
})

test('a slow start continues, and the operator is told', async () => {
  vi.useFakeTimers()
  try {
    const started = Promise.withResolvers<void>()
    const { part } = partInMemory()
    const start = async (signal: AbortSignal) => started.promise.then(() => part.start(signal))
    const lines: string[] = []
    const supervised = new Supervised({ ...part, start }, (line) => lines.push(line))
    const starting = supervised.start()
    await vi.advanceTimersByTimeAsync(90_000)
    expect(lines).toEqual(Array(3).fill('chat-1 is still starting'))
    expect(await supervised.status()).toMatchObject({ state: 'starting', restarts: 0 })

    started.resolve()
    await starting
    await vi.advanceTimersByTimeAsync(90_000)
    expect(lines).toHaveLength(3)
    await supervised.stop()
  } finally {
    vi.useRealTimers()
  }
})

test('a stopped part stays stopped until it is started', async () => {
  const { part, lives } = partInMemory()
  const supervised = new Supervised(part, () => {})
  await supervised.start()
  await supervised.stop()
  await sleep(20)
  expect(lives).toHaveLength(1)
  expect(await supervised.status()).toMatchObject({ state: 'stopped', pid: null, restarts: 0 })

  await supervised.start()
  expect((await supervised.status()).state).toBe('running')
  await supervised.stop()
})

test('the pauses between failures grow to five seconds', () => {
  expect([1, 2, 3, 4, 20].map(pauseBefore)).toEqual([0, 100, 200, 400, 5_000])
})
