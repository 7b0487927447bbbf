import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import type { OpenedEntry } from '../../src/storage/records/log.ts'
import { tries } from '../world/tries.ts'
import {
  createSendActors,
  happening,
  nameOf,
  readAll,
  type SendActors,
  tell,
} from './send-scene.ts'

let actors: SendActors

beforeAll(async () => {
  actors = await createSendActors()
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const stories = fc.array(happening, { minLength: 10, maxLength: 40 })

test('every message that was written and neither discarded nor refused arrives exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { scene, read } = await tell(actors, story)
      const failed = new Set(scene.items.map(({ envelope }) => envelope.id))
      const arrived = read.map((entry) => entry.id)
      expect(new Set(arrived).size).toBe(arrived.length)
      for (const message of scene.written) {
        expect([...arrived, ...failed]).toContain(message)
      }
      for (const { id: message, content } of read) expect(content.body).toBe(`text of ${message}`)
    }),
    tries(40),
  )
})

test('no two messages have the same counter, and every counter arrives, is reported or will be', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { scene, read } = await tell(actors, story)
      const names = read.map(nameOf)
      expect(new Set(names).size).toBe(names.length)
      expect(scene.unexplained(read)).toEqual([])
    }),
    tries(40),
  )
})

test('the log of the device is the log of the server', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { scene, read } = await tell(actors, story)
      const facts = ({ seq, id: message, deviceId, counter, skipped }: OpenedEntry) => {
        return { seq, message, deviceId, counter, skipped }
      }
      expect((await readAll(scene.device)).map(facts)).toEqual(read.map(facts))
    }),
    tries(40),
  )
})

test('a counter that a second sealing took is reported when the server has the first sealing', async () => {
  const { scene, read } = await tell(actors, [
    { what: 'connect' },
    { what: 'write' },
    { what: 'next', fate: 'accepted', isLost: false },
    { what: 'write' },
    { what: 'next', fate: 'accepted', isLost: true },
    // The message failed here because of a key change, and then is sealed again.
    { what: 'fail', which: 0 },
    { what: 'retry', which: 0 },
    { what: 'connect' },
    { what: 'next', fate: 'accepted', isLost: false },
  ])

  expect(read.map(({ counter }) => counter)).toEqual([1, 2])
  expect(scene.unexplained(read)).toEqual([])
})

test('a counter of a new enrollment is reported when the server has the message from the former one', async () => {
  const { scene, read } = await tell(actors, [
    { what: 'connect' },
    { what: 'write' },
    { what: 'next', fate: 'accepted', isLost: true },
    { what: 'enroll' },
  ])

  expect(read).toHaveLength(1)
  expect(scene.unexplained(read)).toEqual([])
})

test('counters skipped by a message that is itself discarded are reported by the next one', async () => {
  const { scene, read } = await tell(actors, [
    { what: 'write' },
    { what: 'write' },
    { what: 'fail', which: 0 },
    { what: 'fail', which: 1 },
    { what: 'retry', which: 0 },
    // The retried message is now the last one.
    { what: 'fail', which: 1 },
    { what: 'write' },
  ])

  expect(read.map(({ skipped }) => [...skipped].sort())).toEqual([[1, 2, 3]])
  expect(scene.unexplained(read)).toEqual([])
})
