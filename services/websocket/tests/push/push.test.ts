import {
  type AccountEvent,
  type AccountId,
  type Conversation,
  MAX_FRAME_BYTES,
  type PublishedAccount,
  type ServerFrame,
  type StoredEnvelope,
} from '@sotto/wire'
import { expect, test } from 'vitest'
import { clientFrame, RawSocket } from '../raw-socket.ts'
import {
  newAccountId,
  newActor,
  newConversationId,
  newEnvelope,
  storedEnvelope,
  Testbed,
  tokenFor,
} from '../testbed.ts'

const alice = newActor()
const bob = newActor()
const carol = newActor()
const conversationId = newConversationId()

function stored(count: number, chars = 256): StoredEnvelope[] {
  return Array.from({ length: count }, (_, i) =>
    storedEnvelope(newEnvelope(conversationId, 'A'.repeat(chars)), alice, i + 1),
  )
}
const both = [alice.accountId, bob.accountId]

test("an envelope is pushed to every device of its recipients, including the sender's, and to no one else", async () => {
  await using bed = await Testbed.start()
  const devices = await Promise.all([
    bed.connect(alice),
    bed.connect(newActor(alice.accountId)),
    bed.connect(bob),
  ])
  const stranger = await bed.connect(carol)
  const envelopes = stored(3)
  await bed.broker.publishToShards({ type: 'envelopes.stored', recipients: both, envelopes })

  for (const device of devices) {
    expect(await device.next('envelopes')).toEqual({ type: 'envelopes', envelopes })
  }
  await stranger.settled()
  expect(stranger.frames).toEqual([])
})

const account: PublishedAccount = {
  accountId: alice.accountId,
  record: 'eyJh.eyJi.c2ln',
  picture: null,
  devices: [],
  pastRecords: [],
}
const conversation: Conversation = {
  id: conversationId,
  protocol: 'ecdh',
  createdBy: alice.accountId,
  createdAt: 1,
  participants: [],
  lastSeq: 0,
  lastEnvelope: null,
  unread: 0,
}
const { accountId } = alice
const receipts = [{ conversationId, deliveredSeq: 4, readSeq: 2 }]
const recipients: [AccountId] = [bob.accountId]

test.each<[AccountEvent, ServerFrame]>([
  [
    { type: 'conversation.created', recipients, conversation, accounts: [account] },
    { type: 'conversation_created', conversation, accounts: [account] },
  ],
  [
    { type: 'conversation.changed', recipients, conversationId },
    { type: 'conversation_changed', conversationId },
  ],
  [
    { type: 'receipts.changed', recipients, accountId, receipts },
    { type: 'receipts', accountId, receipts },
  ],
  [
    { type: 'typing.started', recipients, conversationId, accountId },
    { type: 'typing', conversationId, accountId },
  ],
  [
    { type: 'account.changed', recipients, accountId },
    { type: 'account_changed', accountId },
  ],
  [
    { type: 'box.changed', recipients, box: 'contacts', version: 7 },
    { type: 'box_changed', box: 'contacts', version: 7 },
  ],
])('$type is pushed', async (event, frame) => {
  await using bed = await Testbed.start()
  const [device, stranger] = [await bed.connect(bob), await bed.connect(carol)]
  await bed.broker.publishToShards(event)
  expect(await device.next(frame.type)).toEqual(frame)
  await stranger.settled()
  expect(stranger.frames).toEqual([])
})

test('pushes do not reveal their recipients', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect(bob)
  const hidden = newAccountId()
  const event = { recipients: [bob.accountId, hidden], accountId: alice.accountId }
  await bed.broker.publishToShards({ type: 'account.changed', ...event })
  expect(JSON.stringify(await device.next('account_changed'))).not.toContain(hidden)
})

test('repeated and unordered events are passed on unchanged', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect(bob)
  const [first, second] = stored(2) as [StoredEnvelope, StoredEnvelope]
  for (const envelope of [second, first, second]) {
    const envelopes = [envelope]
    await bed.broker.publishToShards({ type: 'envelopes.stored', recipients, envelopes })
  }
  const seqs = []
  for (let i = 0; i < 3; i += 1) seqs.push((await device.next('envelopes')).envelopes[0]?.seq)
  expect(seqs).toEqual([2, 1, 2])
})

test('many large envelopes are pushed in frames of bounded size', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect(bob)
  const sizes: number[] = []
  device.socket.on('message', (data) => sizes.push(String(data).length))
  const envelopes = [...stored(3, 128 * 1024), ...stored(250)]
  await bed.broker.publishToShards({ type: 'envelopes.stored', recipients, envelopes })

  const received: StoredEnvelope[] = []
  while (received.length < envelopes.length) {
    received.push(...(await device.next('envelopes')).envelopes)
  }
  expect(received).toEqual(envelopes)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_FRAME_BYTES)
})

test('frames of every length are encoded as clients expect', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect(bob)
  for (const chars of [1, 100, 65_000, 65_536, 131_072]) {
    const envelopes = stored(1, chars)
    await bed.broker.publishToShards({ type: 'envelopes.stored', recipients, envelopes })
    expect((await device.next('envelopes')).envelopes).toEqual(envelopes)
  }
})

test('an unauthenticated device gets no pushes', async () => {
  await using bed = await Testbed.start()
  const device = await bed.open()
  await bed.broker.publishToShards({ type: 'account.changed', recipients, accountId })
  device.send({ type: 'authenticate', token: tokenFor(bob) })
  await device.next('authenticated')
  await device.settled()
  expect(device.frames).toEqual([])
})

test('no event after "authenticated" is missed', async () => {
  await using bed = await Testbed.start()
  for (let i = 0; i < 20; i += 1) {
    const actor = newActor()
    const device = await bed.connect(actor)
    const event = { recipients: [actor.accountId], accountId }
    await bed.broker.publishToShards({ type: 'account.changed', ...event })
    await device.next('account_changed')
  }
})

test('shards are followed only while an account in them is connected, and a while longer', async () => {
  await using outer = await Testbed.start()
  const followed: number[][] = []
  const broker: Testbed['broker'] = {
    ...outer.broker,
    subscribeShards: async (shards, handler) => {
      const subscription = await outer.broker.subscribeShards(shards, handler)
      const setShards = (next: Iterable<number>) => {
        followed.push([...next])
        return subscription.setShards(followed.at(-1) ?? [])
      }
      return { ...subscription, setShards }
    },
  }
  await using bed = await Testbed.start({ keepShardMs: 100 }, broker)
  const first = await bed.connect(alice)
  const second = await bed.connect(newActor(alice.accountId))
  expect(followed).toHaveLength(1)
  expect(followed[0]).toHaveLength(1)

  first.socket.close()
  second.socket.close()
  await Promise.all([first.closed, second.closed])
  const back = await bed.connect(alice)
  expect(followed).toHaveLength(1)
  back.socket.close()
  await expect.poll(() => followed.at(-1)).toEqual([])
  await bed.connect(alice)
  expect(followed).toHaveLength(3)
})

test('a device that does not read is disconnected and uses little memory', async () => {
  await using bed = await Testbed.start({ maxBufferedBytes: 300_000 })
  const slow = await RawSocket.connect(bed.port)
  await slow.upgrade()
  const token = JSON.stringify({ type: 'authenticate', token: tokenFor(bob) })
  slow.socket.write(clientFrame(token))
  await expect.poll(() => slow.received.toString()).toContain('authenticated')
  slow.socket.pause()
  const quick = await bed.connect(newActor(bob.accountId))

  // More than the two kernels' buffers can take.
  const rounds = 400
  for (let i = 0; i < rounds; i += 1) {
    const envelopes = stored(1, 100_000)
    await bed.broker.publishToShards({ type: 'envelopes.stored', recipients, envelopes })
    await quick.next('envelopes')
  }
  await expect.poll(() => bed.service.health()).toMatchObject({ detail: '1 connections' })
  slow.socket.resume()
  await slow.ended
  expect(slow.received.length).toBeLessThan(rounds * 100_000)
})

test('a device that reads again in time learns why it was disconnected', async () => {
  await using bed = await Testbed.start({ maxBufferedBytes: 300_000, closeWithinMs: 5_000 })
  const slow = await bed.connect(bob)
  const quick = await bed.connect(newActor(bob.accountId))
  slow.socket.pause()
  for (let i = 0; i < 200; i += 1) {
    const envelopes = stored(1, 100_000)
    await bed.broker.publishToShards({ type: 'envelopes.stored', recipients, envelopes })
    await quick.next('envelopes')
  }
  slow.socket.resume()
  expect(await slow.closed).toBe(4003)
})
