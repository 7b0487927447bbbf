import type { EnvelopeId, StoredEnvelope } from '@sotto/wire'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { createRatchets } from '../world/ratchet.ts'
import { tries } from '../world/tries.ts'
import {
  createReceiveActors,
  type Happening,
  happening,
  id,
  type ReceiveActors,
  type ReceiveScene,
  tell,
} from './receive-scene.ts'

let actors: ReceiveActors

beforeAll(async () => {
  actors = await createReceiveActors()
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const stories = fc.array(happening, { minLength: 10, maxLength: 40 })
const facts = ({ seq, id: message }: { seq: number; id: EnvelopeId }) => ({ seq, message })

test("the log of the device becomes that of the server, every message opens, and all of Bob's are unread", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { device, server } = await tell(actors, story)
      const entries = await device.log(id)
      expect(entries.map(facts)).toEqual(server.log(id).map(facts))
      expect(entries.filter(({ kind }) => kind !== 'message')).toEqual([])
      const { window, reading } = device.parts.conversations.load(id)
      expect(window.unopened).toEqual([])
      const isBobs = ({ senderAccountId }: StoredEnvelope) =>
        senderAccountId === actors.bob.accountId
      expect(reading.unread).toBe(server.log(id).filter(isBobs).length)
    }),
    tries(40),
  )
})

test('an envelope is opened at most once, in whatever order frames arrive', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const onlyKnown = story.filter((one) => one.what !== 'write' || one.writer === 'phone')
      const check = ({ opened, openedAgain }: ReceiveScene) => {
        expect(Math.max(0, ...opened.values())).toBeLessThanOrEqual(1)
        expect(openedAgain).toEqual([])
      }
      await tell(actors, onlyKnown, { check })
    }),
    tries(40),
  )
})

test('a stateful protocol opens each envelope with the state left by the previous one', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      // A device that is there from the beginning.
      const beginning: Happening[] = [
        { what: 'write', writer: 'phone' },
        { what: 'catchUp' },
        { what: 'rest' },
      ]
      const { device, server } = await tell(actors, [...beginning, ...story], {
        create: createRatchets,
      })
      const entries = await device.log(id)
      expect(entries.map(facts)).toEqual(server.log(id).map(facts))
      expect(entries.filter(({ kind }) => kind !== 'message')).toEqual([])
    }),
    tries(40),
  )
})
