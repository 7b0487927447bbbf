import { readFileSync } from 'node:fs'

/** Texts that are JSON, almost JSON, or not JSON at all: the cases of JSONTestSuite. */
const documents: Buffer[] = (
  JSON.parse(
    readFileSync(new URL('../../hostile/vectors/json-parsing.json', import.meta.url), 'utf8'),
  ) as { cases: { b64: string }[] }
).cases.map(({ b64 }) => Buffer.from(b64, 'base64'))

const id = '5a9a3c1e-7f0b-4c61-9a52-0d6f3b1c2e4d'
const envelope = { id, conversationId: id, kind: 'message', ciphertext: 'x' }
const nearlyRight = [
  { type: 'send', envelopes: [] },
  { type: 'send', envelopes: Array.from({ length: 65 }, () => envelope) },
  { type: 'send', envelopes: [{ ...envelope, text: 'in the clear' }] },
  { type: 'send', envelopes: [{ ...envelope, id: 'no id' }] },
  { type: 'send', envelopes: { length: 1e9 } },
  { type: 'receipts', receipts: [{ conversationId: id, deliveredSeq: -1, readSeq: 1e300 }] },
  { type: 'typing', conversationId: [id] },
  { type: 'authenticate', token: 7 },
  { type: '__proto__', constructor: { prototype: {} } },
  { type: 'ping', more: true },
].map((frame) => JSON.stringify(frame))

/** A frame that no server should accept, of one of several kinds. */
export function malformedFrame(random: () => number): Buffer | string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
  const kind = random()
  if (kind < 0.4) return pick(documents)
  if (kind < 0.7) return pick(nearlyRight)
  const text = pick(nearlyRight)
  if (kind < 0.85) return text.slice(0, Math.floor(random() * text.length))
  if (kind < 0.95) return '['.repeat(1 + Math.floor(random() * 20_000))
  return Buffer.from(Array.from({ length: 64 }, () => Math.floor(random() * 256)))
}
