import { readFileSync } from 'node:fs'
import { MAX_FRAME_BYTES } from '@sotto/wire'
import { expect, test } from 'vitest'
import { clientFrame, RawSocket } from '../raw-socket.ts'
import { newActor, newConversationId, newEnvelope, Testbed, tokenFor } from '../testbed.ts'

const unlimited = { perSecond: 1_000_000, burst: 1_000_000 }

/** An authenticated connection whose bytes a test writes by hand. */
async function connectRaw(bed: Testbed): Promise<RawSocket> {
  const raw = await RawSocket.connect(bed.port)
  await raw.upgrade()
  const frame = JSON.stringify({ type: 'authenticate', token: tokenFor(newActor()) })
  raw.socket.write(clientFrame(frame))
  await expect.poll(() => raw.received.toString()).toContain('authenticated')
  return raw
}

test('rejects binary messages', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect()
  device.socket.send(Buffer.from('{"type":"ping"}'))
  expect(await device.closed).toBe(1003)
})

test('an unauthenticated peer cannot send binary messages either', async () => {
  await using bed = await Testbed.start()
  const device = await bed.open()
  device.socket.send(Buffer.alloc(100))
  expect(await device.closed).toBe(1003)
})

test.each([
  ['invalid UTF-8', [clientFrame(Buffer.from([0x22, 0xff, 0xfe, 0x22]))], 1007],
  ['a surrogate in UTF-8', [clientFrame(Buffer.from([0xed, 0xa0, 0x80]))], 1007],
  ['an unmasked frame', [Buffer.from([0x81, 0x02, 0x7b, 0x7d])], 1002],
  ['a reserved bit', [Buffer.from([0xc1, 0x80, 0, 0, 0, 0])], 1002],
  ['a reserved opcode', [clientFrame('', { opcode: 3 })], 1002],
  ['a continuation of nothing', [clientFrame('{}', { opcode: 0 })], 1002],
  ['a fragmented ping', [clientFrame('', { opcode: 9, isFinal: false })], 1002],
  ['a close frame of one byte', [clientFrame('x', { opcode: 8 })], 1002],
  ['a length of 2^63', [Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0])], 1009],
])('%s is answered as RFC 6455 says', async (_, bytes, code) => {
  await using bed = await Testbed.start()
  const raw = await connectRaw(bed)
  for (const part of bytes) raw.socket.write(part)
  expect(await raw.closeCode()).toBe(code)
})

test('rejects a message above the limit by its declared length, before it arrives', async () => {
  await using bed = await Testbed.start()
  const raw = await connectRaw(bed)
  const header = Buffer.alloc(14)
  header[0] = 0x81
  header[1] = 0x80 | 127
  header.writeBigUInt64BE(BigInt(MAX_FRAME_BYTES + 1), 2)
  raw.socket.write(header)
  expect(await raw.closeCode()).toBe(1009)
})

test('accepts a message of exactly the maximum size', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect()
  device.socket.send(`${' '.repeat(MAX_FRAME_BYTES - 15)}{"type":"ping"}`)
  await device.next('pong')
})

test('rejects fragments that together exceed the limit', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect()
  for (let i = 0; i < 5; i += 1) {
    device.socket.send(' '.repeat(MAX_FRAME_BYTES / 4), { fin: false })
  }
  expect(await device.closed).toBe(1009)
})

test('rejects a flood of tiny fragments', async () => {
  await using bed = await Testbed.start()
  const raw = await connectRaw(bed)
  raw.socket.write(clientFrame(' ', { isFinal: false }))
  const flood = Array(1_000).fill(clientFrame(' ', { opcode: 0, isFinal: false }))
  raw.socket.write(Buffer.concat(flood))
  expect(await raw.closeCode()).toBe(1008)
})

test('rejects a flood of empty fragments', async () => {
  await using bed = await Testbed.start()
  const raw = await connectRaw(bed)
  raw.socket.write(clientFrame('', { isFinal: false }))
  const flood = Array(1_000).fill(clientFrame('', { opcode: 0, isFinal: false }))
  raw.socket.write(Buffer.concat(flood))
  expect(await raw.closeCode()).toBe(1008)
})

test('limits a flood of control frames like any other', async () => {
  await using bed = await Testbed.start({
    connectionRate: { perSecond: 1, burst: 100 },
    excessRate: { perSecond: 1, burst: 2 },
  })
  const raw = await connectRaw(bed)
  raw.socket.write(Buffer.concat(Array(1_000).fill(clientFrame('', { opcode: 10 }))))
  expect(await raw.closeCode()).toBe(4004)
})

test('reads a message in two fragments with a ping in between', async () => {
  await using bed = await Testbed.start()
  const raw = await connectRaw(bed)
  raw.socket.write(clientFrame('{"type":', { isFinal: false }))
  raw.socket.write(clientFrame('', { opcode: 9 }))
  raw.socket.write(clientFrame('"ping"}', { opcode: 0 }))
  await expect.poll(() => raw.received.toString('latin1')).toContain('{"type":"pong"}')
  raw.socket.destroy()
})

const vectors: { cases: { id: string; b64: string }[] } = JSON.parse(
  readFileSync(new URL('vectors/json-parsing.json', import.meta.url), 'utf8'),
)
const hostile: [string, Buffer][] = [
  ...vectors.cases.map(({ id, b64 }): [string, Buffer] => [id, Buffer.from(b64, 'base64')]),
  ['100,000 open brackets', Buffer.from('['.repeat(100_000))],
  ['100,000 nested lists', Buffer.from('['.repeat(100_000) + ']'.repeat(100_000))],
  ['50,000 open objects', Buffer.from('{"":'.repeat(50_000))],
  ['40,000 nested objects', Buffer.from(`${'{"":'.repeat(40_000)}1${'}'.repeat(40_000)}`)],
  ['nesting in a field', Buffer.from(`{"type":"typing","conversationId":${'['.repeat(100_000)}`)],
  ['a prototype', Buffer.from('{"type":"ping","__proto__":{"isReady":true}}')],
  ['a prototype in disguise', Buffer.from('{"type":"ping","\\u005f_proto__":null}')],
  ['a constructor', Buffer.from('{"type":"ping","constructor":{"prototype":{}}}')],
  ['an unknown field', Buffer.from('{"type":"ping","text":"hello"}')],
  ['an unknown type', Buffer.from('{"type":"verdicts","verdicts":[]}')],
  ['a type that is a list', Buffer.from('{"type":["ping"]}')],
  ['a list of frames', Buffer.from('[{"type":"ping"}]')],
  ['a null', Buffer.from('null')],
  ['nothing', Buffer.from('')],
  ['a byte order mark', Buffer.from('\ufeff{"type":"ping"}')],
]

test('a hostile text gets an error or closes its connection, and harms no one', async () => {
  await using bed = await Testbed.start({ malformedRate: unlimited, handshakeRate: unlimited })
  const bystander = await bed.connect()
  let device = await bed.connect()
  expect(vectors.cases).toHaveLength(212)

  for (const [name, bytes] of hostile) {
    device.socket.send(bytes, { binary: false })
    const outcome = await Promise.race([device.next('error'), device.closed])
    if (typeof outcome === 'number') expect([1007, 1009], name).toContain(outcome)
    else expect(outcome.code, name).toBe('invalid_request')
    if (typeof outcome === 'number') device = await bed.connect()
  }
  await device.settled()
  await bystander.settled()
  expect(Object.prototype).not.toHaveProperty('isReady')
})

test('survives every hostile text as a first frame, too', async () => {
  await using bed = await Testbed.start({ handshakeRate: unlimited })
  const bystander = await bed.connect()
  for (const [name, bytes] of hostile) {
    const device = await bed.open()
    device.socket.send(bytes, { binary: false })
    expect([4001, 1007, 1009], name).toContain(await device.closed)
  }
  await bystander.settled()
})

test('the answer to a malformed frame names the frame, its type and the field, never a value', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect()
  const told = async (frame: unknown) => {
    device.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame))
    const { code, details } = await device.next('error')
    expect(code).toBe('invalid_request')
    return details
  }
  // Frame 1 was the token.
  expect(await told('{')).toEqual({ frame: 2 })
  expect(await told({ type: 'unheard of' })).toEqual({ frame: 3, field: 'type' })
  await device.settled()
  const typing = { type: 'typing', conversationId: 'Unseen' }
  expect(await told(typing)).toEqual({ frame: 5, type: 'typing', field: 'conversationId' })
  const none = { type: 'send', envelopes: [] }
  expect(await told(none)).toEqual({ frame: 6, type: 'send', field: 'envelopes' })
  const more = { type: 'send', envelopes: [newEnvelope(newConversationId())], more: 1 }
  expect(await told(more)).toEqual({ frame: 7, type: 'send' })
})

test('one malformed envelope does not affect the others in its frame', async () => {
  await using bed = await Testbed.start()
  const chat = await bed.playChat()
  const device = await bed.connect()
  const conversationId = newConversationId()
  const [first, last] = [newEnvelope(conversationId), newEnvelope(conversationId)]
  const named = { ...newEnvelope(conversationId), ciphertext: 'Ünseen' }
  const envelopes = [first, named, { ...named, id: 'x' }, null, last]
  device.socket.send(JSON.stringify({ type: 'send', envelopes }))

  const verdicts = await device.verdicts(3)
  expect(verdicts.toSorted((one, other) => one.fate.localeCompare(other.fate))).toMatchObject([
    { fate: 'accepted', id: first.id, seq: 1 },
    { fate: 'accepted', id: last.id, seq: 2 },
    { fate: 'refused', id: named.id, conversationId, code: 'invalid_request' },
  ])
  const details = [await device.next('error'), await device.next('error')]
  expect(details).toMatchObject([
    { code: 'invalid_request', details: { frame: 2, type: 'send', field: 'envelopes.2.id' } },
    { code: 'invalid_request', details: { frame: 2, type: 'send', field: 'envelopes.3' } },
  ])
  expect(chat.logs.get(conversationId)).toEqual([first, last])
})

test('a frame with malformed envelopes counts as one malformed frame', async () => {
  await using bed = await Testbed.start({ malformedRate: { perSecond: 0.01, burst: 2 } })
  const chat = await bed.playChat()
  const device = await bed.connect()
  const conversationId = newConversationId()
  const bad = { ...newEnvelope(conversationId), kind: 'video' }
  const send = () => {
    const envelopes = [bad, bad, bad, newEnvelope(conversationId)]
    device.socket.send(JSON.stringify({ type: 'send', envelopes }))
  }
  send()
  send()
  await device.verdicts(8)
  send()
  expect(await device.closed).toBe(1008)
  expect(chat.logs.get(conversationId)).toHaveLength(2)
})

test('every error in answer to a frame names it', async () => {
  await using bed = await Testbed.start({
    connectionRate: { perSecond: 0.01, burst: 70 },
    accountRate: unlimited,
  })
  await bed.playChat()
  const device = await bed.connect()
  device.send({ type: 'ping' })
  const envelopes = Array.from({ length: 64 }, () => newEnvelope(newConversationId()))
  device.send({ type: 'send', envelopes })
  device.send({ type: 'send', envelopes })
  expect((await device.next('error')).details).toMatchObject({ frame: 4, type: 'send' })
  device.send({ type: 'authenticate', token: 'none' })
  expect((await device.next('error')).details).toMatchObject({ frame: 5, type: 'authenticate' })

  const stranger = await bed.open()
  stranger.send({ type: 'authenticate', token: 'none' })
  expect(await stranger.next('error')).toMatchObject({
    code: 'unauthenticated',
    details: { frame: 1, type: 'authenticate' },
  })
  const early = await bed.open()
  early.send({ type: 'ping' })
  expect(await early.next('error')).toMatchObject({
    code: 'unauthenticated',
    details: { frame: 1, type: 'ping' },
  })
})

test('duplicate keys are harmless: the last one wins', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect()
  device.socket.send('{"type":"typing","type":"ping"}')
  await device.next('pong')
})

test('too many malformed frames close the connection', async () => {
  await using bed = await Testbed.start({ malformedRate: { perSecond: 0.01, burst: 3 } })
  const device = await bed.connect()
  for (let i = 0; i < 5; i += 1) device.socket.send('{}')
  expect(await device.closed).toBe(1008)
  expect(device.frames.map(({ type }) => type)).toEqual(['error', 'error', 'error', 'error'])
})

test('envelopes beyond the rate are temporarily refused, then the connection is closed', async () => {
  await using bed = await Testbed.start({
    connectionRate: { perSecond: 0.5, burst: 4 },
    excessRate: { perSecond: 0.01, burst: 2 },
  })
  const chat = await bed.playChat()
  const device = await bed.connect()
  const conversationId = newConversationId()
  const envelopes = [1, 2, 3].map(() => newEnvelope(conversationId))
  device.send({ type: 'send', envelopes: envelopes.slice(0, 2) })
  expect(await device.verdicts(2)).toMatchObject([{ fate: 'accepted' }, { fate: 'accepted' }])

  device.send({ type: 'send', envelopes })
  const error = await device.next('error')
  expect(error).toMatchObject({ code: 'rate_limited' })
  expect(error.details?.retryAfterSeconds).toBeGreaterThan(1)
  expect(await device.verdicts(3)).toEqual(
    envelopes.map(({ id }) => ({ fate: 'refused', id, conversationId, code: 'rate_limited' })),
  )

  for (let i = 0; i < 2; i += 1) device.send({ type: 'send', envelopes })
  expect(await device.closed).toBe(4004)
  expect(chat.logs.get(conversationId)).toHaveLength(2)
})

test('the connections of one account share its rate', async () => {
  await using bed = await Testbed.start({ accountRate: { perSecond: 0.01, burst: 3 } })
  await bed.playChat()
  const actor = newActor()
  const [phone, laptop] = [await bed.connect(actor), await bed.connect(newActor(actor.accountId))]
  const envelopes = [newEnvelope(newConversationId()), newEnvelope(newConversationId())]
  phone.send({ type: 'send', envelopes })
  await phone.verdicts(2)
  laptop.send({ type: 'send', envelopes })
  expect(await laptop.next('error')).toMatchObject({ code: 'rate_limited' })

  const stranger = await bed.connect()
  stranger.send({ type: 'send', envelopes: [newEnvelope(newConversationId())] })
  expect(await stranger.verdicts(1)).toMatchObject([{ fate: 'accepted' }])
})

test('a ping is answered', async () => {
  await using bed = await Testbed.start()
  const device = await bed.connect()
  await device.settled()
})

test('a peer that answers no ping is noticed and disconnected', async () => {
  await using bed = await Testbed.start({ pingAfterMs: 60, silentAfterMs: 150 })
  const raw = await connectRaw(bed)
  const alive = await bed.connect()
  expect(await raw.closeCode()).toBe(4005)
  expect(raw.received.includes(Buffer.from([0x89, 0x00]))).toBe(true)
  await expect.poll(() => bed.service.health()).toMatchObject({ detail: '1 connections' })
  await alive.settled()
})

test('a silent device that answers pings stays connected, long after the limit', async () => {
  await using bed = await Testbed.start({ pingAfterMs: 40, silentAfterMs: 120 })
  const device = await bed.connect()
  await new Promise((resolve) => setTimeout(resolve, 500))
  await device.settled()
})

test('a service that was suspended closes no connection that it could not hear', async () => {
  await using bed = await Testbed.start({ pingAfterMs: 40, silentAfterMs: 120 })
  const device = await bed.connect()
  await device.settled()

  const until = performance.now() + 500
  while (performance.now() < until);

  await device.settled()
})
