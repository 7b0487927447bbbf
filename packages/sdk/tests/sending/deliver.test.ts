import type { ConversationId } from '@sotto/wire'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { tries } from '../world/tries.ts'
import { conversationIds, MAX_IN_FLIGHT, Scene } from './deliver-scene.ts'
import type { Fate } from './deliver-server.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const happening = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      what: fc.constant('write' as const),
      which: fc.nat(1),
      size: fc.constantFrom(100, 60_000, 120_000),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('decide' as const),
      fate: fc.constantFrom<Fate>('accepted', 'accepted', 'unavailable', 'quota_exceeded', null),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('read' as const), isLimited: fc.boolean() }),
  },
  fc.record({ what: fc.constant('discard' as const), which: fc.nat(1) }),
  fc.record({ what: fc.constant('connect' as const) }),
  fc.record({ what: fc.constant('cut' as const) }),
  fc.record({ what: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 30_000 }) }),
)

test('every message is accepted once and in order, or fails for good', async () => {
  const story = fc.array(happening, { maxLength: 60 })
  await fc.assert(
    fc.asyncProperty(story, async (happenings) => {
      const scene = await Scene.open()
      for (const one of happenings) {
        if (one.what === 'write') scene.write(one.which, one.size)
        else if (one.what === 'read') await scene.read(one.isLimited)
        else if (one.what === 'decide') await scene.decide(one.fate)
        else if (one.what === 'discard') scene.discard(one.which)
        else if (one.what === 'wait') vi.advanceTimersByTime(one.ms)
        else scene[one.what]()
      }
      await scene.settle()

      for (const id of conversationIds) {
        const log = scene.server.log.get(id) ?? []
        const gone = new Set(scene.failed(id))
        // A discarded message may have been accepted before, when its verdict was lost.
        for (const message of scene.discarded) if (!log.includes(message)) gone.add(message)
        expect(log).toEqual((scene.written.get(id) ?? []).filter((message) => !gone.has(message)))
      }
    }),
    tries(200),
  )
})

test('a temporary refusal holds up its conversation and no other', async () => {
  const scene = await Scene.open()
  scene.connect()
  scene.write(0, 100)
  await scene.next('unavailable')
  scene.write(0, 100)
  scene.write(1, 100)

  await scene.next('accepted')

  expect(scene.server.log.get(conversationIds[0] as ConversationId) ?? []).toEqual([])
  expect(scene.server.log.get(conversationIds[1] as ConversationId)).toHaveLength(1)
  await scene.settle()
  expect(scene.server.log.get(conversationIds[0] as ConversationId)).toHaveLength(2)
})

test('without verdicts only a limited amount is in flight; the rest follows as they arrive', async () => {
  const scene = await Scene.open()
  scene.connect()

  for (let n = 0; n < MAX_IN_FLIGHT + 4; n++) scene.write(n, 100)

  expect(scene.inFlight).toBe(MAX_IN_FLIGHT)
  await scene.next('accepted')
  expect(scene.inFlight).toBe(MAX_IN_FLIGHT)
  await scene.settle()
  expect(scene.server.log.get(conversationIds[0] as ConversationId)).toHaveLength(10)
})

test('a message that does not fit into a frame with others is sent alone', async () => {
  const scene = await Scene.open()
  scene.connect()
  for (let n = 0; n < 3; n++) scene.write(0, 120_000)
  await scene.settle()
  expect(scene.server.log.get(conversationIds[0] as ConversationId)).toHaveLength(3)
})

test('a temporary refusal that overtakes an earlier verdict does not change the order', async () => {
  const scene = await Scene.open()
  const [id] = conversationIds as [ConversationId]
  scene.connect()
  scene.write(0, 100)
  await scene.read()
  scene.write(0, 100)
  scene.write(0, 100)
  await scene.read(true)
  scene.write(0, 100)

  await scene.decide('accepted')
  await scene.settle()

  expect(scene.server.log.get(id)).toEqual(scene.written.get(id))
})

test('a message that was temporarily refused and then discarded holds up nothing', async () => {
  const scene = await Scene.open()
  const [id] = conversationIds as [ConversationId]
  scene.connect()
  scene.write(0, 100)
  await scene.read(true)
  scene.discard(0)
  scene.write(0, 100)
  vi.advanceTimersByTime(2_100)
  scene.connect()
  await scene.next('accepted')

  expect(scene.server.log.get(id)).toHaveLength(1)
})
