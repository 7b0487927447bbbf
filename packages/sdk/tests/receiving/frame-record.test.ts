import type { EnvelopeId, ServerFrame } from '@sotto/wire'
import { beforeEach, describe, expect, test } from 'vitest'
import { FrameRecord } from '../../src/receiving/frame-record.ts'
import { serverView } from '../../src/receiving/server-view.ts'
import type { Device } from '../world/device.ts'
import { TwoPeople } from '../world/two-people.ts'

const idOf = (n: number) => `message ${n}` as EnvelopeId
const envelopes = (...ids: number[]) =>
  ({ type: 'envelopes', envelopes: ids.map((n) => ({ id: idOf(n) })) }) as ServerFrame
const verdicts = (...ids: number[]) =>
  ({ type: 'verdicts', verdicts: ids.map((n) => ({ id: idOf(n) })) }) as ServerFrame

describe('the frames that carried an envelope', () => {
  let record: FrameRecord
  beforeEach(() => {
    record = new FrameRecord(() => 7)
  })

  test('are kept verbatim, in order', () => {
    record.note('sent', { type: 'send', envelopes: [{ id: idOf(1) }] } as never, 'out')
    record.note('received', verdicts(1, 2), 'in')
    record.note('received', { type: 'pong' }, 'pong')
    expect(record.of(idOf(1))).toEqual([
      { direction: 'sent', at: 7, text: 'out' },
      { direction: 'received', at: 7, text: 'in' },
    ])
    expect(record.of(idOf(2))).toHaveLength(1)
    expect(record.of(idOf(3))).toEqual([])
  })

  test('are the last eight', () => {
    for (let n = 1; n <= 10; n += 1) record.note('received', envelopes(1), `frame ${n}`)
    expect(record.of(idOf(1)).map(({ text }) => text)).toEqual(
      [3, 4, 5, 6, 7, 8, 9, 10].map((n) => `frame ${n}`),
    )
  })

  test('are those of the last two hundred envelopes', () => {
    for (let n = 1; n <= 200; n += 1) record.note('received', envelopes(n), 'frame')
    // The first has just arrived again, so the second is the oldest.
    record.note('received', envelopes(1), 'frame')
    record.note('received', envelopes(201), 'frame')
    expect(record.of(idOf(1))).toHaveLength(2)
    expect(record.of(idOf(2))).toHaveLength(0)
    expect(record.of(idOf(3))).toHaveLength(1)
  })
})

describe("the server's view of a message", () => {
  let people: TwoPeople
  let device: Device
  const frames = new FrameRecord(() => 7)

  beforeEach(async () => {
    people = await TwoPeople.meet()
    device = await people.start(people.alice)
  })

  const view = (message: EnvelopeId) =>
    serverView({ ...device.context, ...device.parts, frames }, people.id, message)

  test('is its envelope while it waits', async () => {
    const message = await device.write(people.id, 'hello')
    const item = device.parts.outbox.find(people.id, message)
    const shown = await view(message)
    expect(shown).toMatchObject({
      plaintext: 'hello',
      row: null,
      frames: [],
      header: { alg: 'dir' },
      ciphertextBytes: item?.envelope.ciphertext.length,
    })
  })

  test('is its row once the server has it', async () => {
    const message = await device.write(people.id, 'hello')
    await device.receive.accepted(people.id, { id: message, seq: 1, acceptedAt: 1 })
    const row = { table: 'chat.envelopes', columns: { ciphertext: '{"protected":"e30"}' } }
    const call = (async (_: unknown, input: unknown) => {
      expect(input).toEqual({ params: { conversationId: people.id, seq: 1 } })
      return row
    }) as Device['context']['call']
    const deps = { ...device.context, ...device.parts, frames, call }
    expect(await serverView(deps, people.id, message)).toMatchObject({
      plaintext: 'hello',
      row,
      header: {},
      ciphertextBytes: 19,
    })
  })

  test('is nothing for a message that is not here', async () => {
    await expect(view(crypto.randomUUID() as EnvelopeId)).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})
