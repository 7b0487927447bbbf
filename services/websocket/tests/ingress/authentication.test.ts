import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { type ClientFrame, DeviceId, HEARTBEAT_SECONDS, SessionId, shardOf } from '@sotto/wire'
import { expect, test } from 'vitest'
import {
  newAccountId,
  newActor,
  newConversationId,
  newEnvelope,
  Testbed,
  tokenFor,
} from '../testbed.ts'

test('the first token determines whom the connection speaks for', async () => {
  await using bed = await Testbed.start()
  const actor = newActor()
  const device = await bed.open()
  device.send({ type: 'authenticate', token: tokenFor(actor) })

  const { expiresAt, ...answer } = await device.next('authenticated')
  expect(answer).toEqual({
    type: 'authenticated',
    accountId: actor.accountId,
    deviceId: actor.deviceId,
    heartbeatSeconds: HEARTBEAT_SECONDS,
  })
  expect(expiresAt - Date.now()).toBeGreaterThan(890_000)
})

test('a connection that does not authenticate in time is closed', async () => {
  await using bed = await Testbed.start({ authenticateWithinMs: 60 })
  const device = await bed.open()
  expect(await device.closed).toBe(4001)
  expect(device.frames).toMatchObject([{ type: 'error', code: 'unauthenticated' }])
})

test('pings do not keep an unauthenticated connection open', async () => {
  await using bed = await Testbed.start({ authenticateWithinMs: 60 })
  const device = await bed.open()
  const pings = setInterval(() => device.socket.ping(), 10)
  expect(await device.closed).toBe(4001)
  clearInterval(pings)
})

const conversationId = newConversationId()
test.each<[string, ClientFrame]>([
  ['send', { type: 'send', envelopes: [newEnvelope(conversationId)] }],
  ['receipts', { type: 'receipts', receipts: [{ conversationId, deliveredSeq: 1, readSeq: 0 }] }],
  ['typing', { type: 'typing', conversationId }],
  ['ping', { type: 'ping' }],
])('%s before a token closes the connection and has no effect', async (_, frame) => {
  await using bed = await Testbed.start()
  const commands = await bed.collectCommands()
  const device = await bed.open()
  device.send(frame)

  expect(await device.closed).toBe(4001)
  expect(device.frames).toMatchObject([{ type: 'error', code: 'unauthenticated' }])
  expect(commands).toEqual([])
})

test('frames behind a token that is still being verified are not trusted yet', async () => {
  await using bed = await Testbed.start()
  const commands = await bed.collectCommands()
  const device = await bed.open()
  device.send({ type: 'authenticate', token: tokenFor(newActor()) })
  device.send({ type: 'send', envelopes: [newEnvelope(conversationId)] })

  expect(await device.closed).toBe(4001)
  expect(commands).toEqual([])
})

test('a malformed first frame closes the connection', async () => {
  await using bed = await Testbed.start()
  const device = await bed.open()
  device.socket.send('{"type":"authenticate"}')
  expect(await device.closed).toBe(4001)
  expect(device.frames).toMatchObject([{ type: 'error', code: 'invalid_request' }])
})

const forgedKey = generateKeyPairSync('ed25519').privateKey
test.each([
  ['an expired token', () => tokenFor(newActor(), { ttlSeconds: -60 })],
  ['a token from another issuer', () => tokenFor(newActor(), { key: forgedKey })],
  ['a token with too long a lifetime', () => tokenFor(newActor(), { ttlSeconds: 90_000 })],
  ['no token at all', () => ''],
  ['nonsense', () => 'eyJ.eyJ.AAAA'],
])('%s is rejected', async (_, token) => {
  await using bed = await Testbed.start()
  const device = await bed.open()
  device.send({ type: 'authenticate', token: token() })
  expect(await device.closed).toBe(4001)
  expect(device.frames).toMatchObject([{ type: 'error', code: 'unauthenticated' }])
})

test("the identity in commands is the token's, and no frame can change it", async () => {
  await using bed = await Testbed.start()
  const commands = await bed.collectCommands()
  const [alice, mallory] = [newActor(), newActor()]
  const device = await bed.connect(mallory)
  const envelope = newEnvelope(conversationId)
  const sneaky = { type: 'send', envelopes: [{ ...envelope, senderAccountId: alice.accountId }] }
  device.socket.send(JSON.stringify(sneaky))
  device.socket.send(JSON.stringify({ type: 'send', actor: alice, envelopes: [envelope] }))
  expect(await device.verdicts(1)).toMatchObject([{ id: envelope.id, code: 'invalid_request' }])
  expect(await device.next('error')).toMatchObject({ code: 'invalid_request' })

  device.send({ type: 'send', envelopes: [envelope] })
  await expect.poll(() => commands).toHaveLength(1)
  expect(commands[0]).toMatchObject({ envelopes: [{ actor: mallory, envelope }] })
})

test('a fresh token extends a connection', async () => {
  await using bed = await Testbed.start()
  const actor = newActor()
  const device = await bed.open()
  device.send({ type: 'authenticate', token: tokenFor(actor, { ttlSeconds: 60 }) })
  const first = await device.next('authenticated')
  device.send({ type: 'authenticate', token: tokenFor(actor, { ttlSeconds: 600 }) })
  const second = await device.next('authenticated')
  expect(second.expiresAt - first.expiresAt).toBeGreaterThan(500_000)
  await device.settled()
})

test.each([
  ['account', { accountId: newAccountId() }],
  ['device', { deviceId: DeviceId.parse(randomUUID()) }],
  ['session', { sessionId: SessionId.parse(randomUUID()) }],
])('a token of another %s closes the connection', async (_, change) => {
  await using bed = await Testbed.start()
  const actor = newActor()
  const device = await bed.connect(actor)
  device.send({ type: 'authenticate', token: tokenFor({ ...actor, ...change }) })
  expect(await device.closed).toBe(4001)
  expect(device.frames).toMatchObject([{ type: 'error', code: 'forbidden' }])
})

test('a token that expires while connected: a grace period, then the connection is closed', async () => {
  await using bed = await Testbed.start({ expiryGraceMs: 400 })
  // The verifier accepts tokens for 30 s after their expiry, because clocks differ.
  const actor = newActor()
  const device = await bed.connect(actor, tokenFor(actor, { ttlSeconds: -28 }))
  const renewing = await bed.connect(actor, tokenFor(actor, { ttlSeconds: -28 }))
  renewing.send({ type: 'authenticate', token: tokenFor(actor) })

  expect(await device.closed).toBe(4001)
  expect(device.frames.at(-1)).toEqual({ type: 'error', code: 'unauthenticated' })
  await renewing.next('authenticated')
  await renewing.settled()
})

test('the end of a session closes all of its connections and no others', async () => {
  await using bed = await Testbed.start()
  const actor = newActor()
  const [phone, tab] = [await bed.connect(actor), await bed.connect(actor)]
  const laptop = await bed.connect(newActor(actor.accountId))
  const stranger = await bed.connect()

  await bed.broker.publishToAll({
    type: 'session.ended',
    sessionId: actor.sessionId,
    accountId: actor.accountId,
  })

  expect(await phone.closed).toBe(4002)
  expect(await tab.closed).toBe(4002)
  expect(phone.frames).toEqual([{ type: 'error', code: 'unauthenticated' }])
  await laptop.settled()
  await stranger.settled()
})

test('waiting envelopes of an ended session are not passed on', async () => {
  await using bed = await Testbed.start({ maxBatchesInFlight: 1 })
  const commit = Promise.withResolvers<void>()
  const { logs } = await bed.playChat(() => commit.promise)
  const actor = newActor()
  const [ended, other] = [await bed.connect(actor), await bed.connect()]
  const [first, second, third] = [1, 2, 3].map(() => [newEnvelope(conversationId)])
  ended.send({ type: 'send', envelopes: first ?? [] })
  await ended.settled()
  ended.send({ type: 'send', envelopes: second ?? [] })
  await ended.settled()
  other.send({ type: 'send', envelopes: third ?? [] })
  await other.settled()

  const { sessionId, accountId } = actor
  await bed.broker.publishToAll({ type: 'session.ended', sessionId, accountId })
  await ended.closed
  commit.resolve()
  await other.verdicts(1)
  expect(logs.get(conversationId)).toEqual([first?.[0], third?.[0]])
})

test('a token of an ended session is rejected', async () => {
  await using bed = await Testbed.start()
  const actor = newActor()
  const device = await bed.connect(actor)
  const { sessionId, accountId } = actor
  await bed.broker.publishToAll({ type: 'session.ended', sessionId, accountId })
  await device.closed

  const again = await bed.open()
  again.send({ type: 'authenticate', token: tokenFor(actor) })
  expect(await again.closed).toBe(4001)
})

test('a session that ends while its shard is being subscribed does not slip in', async () => {
  await using bed = await Testbed.start()
  const actor = newActor()
  const gate = Promise.withResolvers<void>()
  const subscribe = bed.broker.subscribeShards
  // A broker that is slow to subscribe, like one across a network.
  const slow = await Testbed.start(
    {},
    {
      ...bed.broker,
      subscribeShards: async (shards, handler) => {
        const subscription = await subscribe(shards, handler)
        const setShards = (next: Iterable<number>) =>
          gate.promise.then(() => subscription.setShards(next))
        return { ...subscription, setShards }
      },
    },
  )
  const device = await slow.open()
  device.send({ type: 'authenticate', token: tokenFor(actor) })
  await expect.poll(() => slow.service.health()).toMatchObject({ detail: '1 connections' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  const { sessionId, accountId } = actor
  await bed.broker.publishToAll({ type: 'session.ended', sessionId, accountId })

  expect(await device.closed).toBe(4002)
  gate.resolve()
  await slow[Symbol.asyncDispose]()
  expect(device.frames.map(({ type }) => type)).toEqual(['error'])
})

test('the connections of an account are limited', async () => {
  await using bed = await Testbed.start({ maxConnectionsPerAccount: 2 })
  const { accountId } = newActor()
  const first = await bed.connect(newActor(accountId))
  await bed.connect(newActor(accountId))
  const third = await bed.open()
  third.send({ type: 'authenticate', token: tokenFor(newActor(accountId)) })
  expect(await third.closed).toBe(1008)
  expect(third.frames).toMatchObject([{ type: 'error', code: 'too_many' }])

  first.socket.close()
  await first.closed
  await bed.connect(newActor(accountId))
})

test('one connection or account cannot make the service verify unlimited tokens', async () => {
  await using bed = await Testbed.start({
    connectionRate: { perSecond: 0.1, burst: 128 },
  })
  const actor = newActor()
  const device = await bed.connect(actor)
  for (let i = 0; i < 2; i += 1) {
    device.send({ type: 'authenticate', token: tokenFor(actor) })
    await device.next('authenticated')
  }
  device.send({ type: 'authenticate', token: tokenFor(actor) })
  expect(await device.next('error')).toMatchObject({ code: 'rate_limited' })
})

test('if the verifier cannot answer, the device may reconnect', async () => {
  await using bed = await Testbed.start()
  await using other = await Testbed.start({}, failingBroker(bed))
  const device = await other.open()
  device.send({ type: 'authenticate', token: tokenFor(newActor()) })
  expect(await device.closed).toBe(1012)
  expect(device.frames).toMatchObject([{ type: 'error', code: 'unavailable' }])
})

/** A broker that accepts subscriptions but no changes of them. */
function failingBroker(bed: Testbed): Testbed['broker'] {
  return {
    ...bed.broker,
    subscribeShards: async (shards, handler) => ({
      ...(await bed.broker.subscribeShards(shards, handler)),
      setShards: async () => Promise.reject(new Error('connection lost')),
    }),
  }
}

test('accounts are distributed over 64 shards', () => {
  expect(new Set(Array.from({ length: 2_000 }, () => shardOf(newAccountId()))).size).toBe(64)
})
