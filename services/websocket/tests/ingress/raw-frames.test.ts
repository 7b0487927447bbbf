import { MAX_FRAME_BYTES } from '@sotto/wire'
import { expect, test } from 'vitest'
import { connectRaw } from '../connect-raw.ts'
import { clientFrame } from '../raw-socket.ts'
import { Testbed } from '../testbed.ts'

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
