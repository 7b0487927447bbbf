import type { AccountId, ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import { describe, expect, test } from 'vitest'
import { ClientError } from '../../src/api/errors.ts'
import { Receipts } from '../../src/conversations/receipts.ts'
import { countUnread } from '../../src/conversations/unread.ts'
import { put } from '../../src/storage/record-kind.ts'
import { entryAt, type LogEntry } from '../../src/storage/records/log.ts'
import { conversationOf, createMemoryStore } from '../storage/memory-store.ts'
import { Device } from '../world/device.ts'
import { TwoPeople } from '../world/two-people.ts'

describe('in the log here', () => {
  const id = crypto.randomUUID() as ConversationId
  const [self, other] = [crypto.randomUUID(), crypto.randomUUID()] as [AccountId, AccountId]

  const entryOf = (seq: number, sender: AccountId): LogEntry => {
    const ids = { id: crypto.randomUUID() as EnvelopeId, deviceId: crypto.randomUUID() as DeviceId }
    return { kind: 'unreadable', seq, sender, ...ids, at: 0, reason: 'replayed', envelope: null }
  }
  /** Entries 4 to 7 are here, 5 is our own; the server counted up to 9, and we have read up to `readSeq`. */
  const count = async (readSeq: number, older: readonly LogEntry[] = []) => {
    const storage = createMemoryStore()
    const entries = [4, 5, 6, 7].map((seq) => entryOf(seq, seq === 5 ? self : other))
    await storage.write(entries.map((entry) => put(entryAt(id, entry.seq), entry)))
    const conversation = {
      ...conversationOf({ id, self, others: { [other]: 'accepted' } }),
      window: { first: older[0]?.seq ?? 4, newest: 7, lastSeq: 9, unopened: [] },
      reading: {
        marks: { [self]: { deliveredSeq: 7, readSeq } },
        marksDue: false,
        unread: 8,
        countedSeq: 9,
      },
    }
    return countUnread(storage, conversation, older)
  }

  test('messages of others after our read mark are counted, with those that are not here yet', async () => {
    expect(await count(3)).toBe(5)
    expect(await count(5)).toBe(4)
    expect(await count(9)).toBe(0)
  })

  test('nothing is counted that the log does not reach; there are never more than places', async () => {
    expect(await count(0)).toBe(8)
    expect(await count(2)).toBe(7)
  })

  test('entries that are about to be stored at its beginning count, too', async () => {
    expect(await count(1, [entryOf(2, self), entryOf(3, other)])).toBe(6)
  })

  test('a message that was read before the server lost it does not count', async () => {
    const read = { ...entryOf(3, other), wasRead: true } as LogEntry
    expect(await count(1, [entryOf(2, other), read])).toBe(6)
  })
})

describe('on a device', () => {
  const unreadOn = (device: Device, id: ConversationId) =>
    device.parts.conversations.load(id).reading.unread

  test('all messages are unread if reading them was interrupted the first time', async () => {
    const people = await TwoPeople.meet()
    const bob = await people.start(people.bob)
    const write = async () => {
      const envelope = await people.sealedBy(bob, 'hello')
      people.server.append({ accountId: bob.accountId, deviceId: bob.id }, envelope)
    }
    await write()
    const alice = await Device.start({ server: people.server, ...people.alice })
    people.server.onCall = ({ path }) => {
      if (path.startsWith('/users')) throw new ClientError('offline')
    }
    await expect(alice.catchUp()).rejects.toMatchObject({ code: 'offline' })
    people.server.onCall = () => {}
    await write()
    await write()

    await alice.catchUp()

    expect(unreadOn(alice, people.id)).toBe(3)
  })

  test('a message that was read stays read, however often the server loses it', async () => {
    const people = await TwoPeople.meet()
    const [alice, bob] = [await people.start(people.alice), await people.start(people.bob)]
    const restore = people.server.backUp()
    const envelope = await people.sealedBy(bob, 'hello')
    const arrive = async () => {
      people.server.append({ accountId: bob.accountId, deviceId: bob.id }, envelope)
      await alice.catchUp()
    }
    await arrive()
    expect(unreadOn(alice, people.id)).toBe(1)

    restore()
    await alice.catchUp()
    expect(unreadOn(alice, people.id)).toBe(0)
    // The lost message is still on the screen.
    await new Receipts({ ...alice.context, ...alice.parts, onError: () => {} }).markRead(people.id)
    for (let times = 0; times < 2; times += 1) {
      await arrive()
      expect(alice.parts.lost.of(people.id)).toEqual([])
      expect(unreadOn(alice, people.id)).toBe(0)
      restore()
      await alice.catchUp()
    }
  })
})
