import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { newConversationId, newEnvelope, Testbed } from '../testbed.ts'

const unlimited = { perSecond: 1_000_000, burst: 1_000_000 }

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
