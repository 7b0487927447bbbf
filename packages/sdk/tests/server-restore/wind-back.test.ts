import type { EnvelopeId } from '@sotto/wire'
import fc from 'fast-check'
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { stateIn } from '../../src/conversations/conversation-record.ts'
import type { ChatServer } from '../world/chat-server.ts'
import type { Device } from '../world/device.ts'
import { tries } from '../world/tries.ts'
import { TwoPeople } from '../world/two-people.ts'
import { type Actors, createActors, happening, id, tell } from './restore-scene.ts'

let actors: Actors

beforeAll(async () => {
  actors = await createActors()
})
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const stories = fc.array(happening, { maxLength: 30 })
const parameters = tries(40)

function writtenBy(server: ChatServer, { accountId }: Device): EnvelopeId[] {
  const own = server.log(id).filter(({ senderAccountId }) => senderAccountId === accountId)
  return own.map((envelope) => envelope.id)
}

test('every message comes back exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { server, sides } = await tell(actors, story)
      for (const { device, written } of Object.values(sides)) {
        expect(writtenBy(server, device).sort()).toEqual([...written].sort())
        expect(device.parts.outbox.of(id)).toEqual([])
      }
    }),
    parameters,
  )
})

// A device that enrolls again seals waiting messages again, and some of them may have been accepted before.
test('messages come back in the order their sender wrote if no device enrolls again', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const withoutEnrolling = story.filter(({ what }) => what !== 'enroll')
      const { server, sides } = await tell(actors, withoutEnrolling)
      for (const { device, written } of Object.values(sides)) {
        expect(writtenBy(server, device)).toEqual(written)
      }
    }),
    parameters,
  )
})

test("both devices end up with the server's log, and nothing counts as lost", async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { server, sides } = await tell(actors, story)
      const expected = server.log(id).map(({ seq, id: message }) => ({ seq, message }))
      for (const { device } of Object.values(sides)) {
        const entries = await device.log(id)
        expect(entries.map(({ seq, id: message }) => ({ seq, message }))).toEqual(expected)
        expect(entries.filter(({ kind }) => kind !== 'message')).toEqual([])
        expect(device.parts.lost.of(id)).toEqual([])
        expect(device.parts.conversations.load(id).membership.aside).toBeUndefined()
      }
    }),
    parameters,
  )
})

test('messages marked as read never become unread', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { sides } = await tell(actors, story)
      for (const { device, read } of Object.values(sides)) {
        const entries = await device.log(id)
        const isUnread = (entry: (typeof entries)[number]) =>
          entry.sender !== device.accountId && !read.has(entry.id)
        const { unread } = device.parts.conversations.load(id).reading
        expect(unread).toBeLessThanOrEqual(entries.filter(isUnread).length)
      }
    }),
    parameters,
  )
})

test('no one has to be accepted twice', async () => {
  await fc.assert(
    fc.asyncProperty(stories, async (story) => {
      const { server, sides } = await tell(actors, story)
      for (const { device } of Object.values(sides)) {
        const conversation = device.parts.conversations.load(id)
        for (const { person } of Object.values(actors)) {
          expect(stateIn(conversation, person.accountId)).toBe('accepted')
        }
      }
      expect(server.conversation(id)?.members.map(({ state }) => state)).toEqual([
        'accepted',
        'accepted',
      ])
    }),
    parameters,
  )
})

test('a conversation that was not accepted is not begun again on a server that has lost it', async () => {
  const acquaintances = await TwoPeople.meet('requested')
  const device = await acquaintances.start(acquaintances.bob)
  acquaintances.beforeMeeting()

  await device.catchUp()

  expect(acquaintances.server.conversation(acquaintances.id)).toBeUndefined()
  expect(device.parts.conversations.load(acquaintances.id).membership.aside).toBe('uncompared')
})
