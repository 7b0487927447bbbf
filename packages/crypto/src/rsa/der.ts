import { type Bytes, concat } from '../bytes.ts'

/**
 * The subset of DER (X.690) that key files need. Strict: definite lengths in their shortest form,
 * and no trailing bytes.
 */

export const TAG = {
  integer: 0x02,
  octetString: 0x04,
  null: 0x05,
  oid: 0x06,
  sequence: 0x30,
} as const

/** One value: its tag and its unparsed content. */
export interface DerValue {
  readonly tag: number
  readonly content: Bytes
}

/** Writes a value from its tag and the parts of its content. */
export function writeDer(tag: number, ...parts: Uint8Array[]): Bytes {
  const content = concat(...parts)
  return concat(Uint8Array.of(tag, ...lengthBytes(content.length)), content)
}

/** Writes a non-negative integer. */
export function writeInteger(value: number): Bytes {
  const digits = bigEndian(value)
  // A leading zero keeps the number positive if its first bit is set.
  const isHigh = (digits[0] ?? 0x80) >= 0x80
  return writeDer(TAG.integer, Uint8Array.from(isHigh ? [0, ...digits] : digits))
}

/** Writes an object identifier such as `1.2.840.113549.1.1.1`. */
export function writeOid(dotted: string): Bytes {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [40 * first + second, ...rest].flatMap((arc) => {
    const digits = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) digits.unshift((left & 0x7f) | 0x80)
    return digits
  })
  return writeDer(TAG.oid, Uint8Array.from(bytes))
}

/** Reads consecutive values from `bytes`; throws if the last one is truncated. */
export function readDer(bytes: Bytes): DerValue[] {
  const values: DerValue[] = []
  for (let offset = 0; offset < bytes.length; ) {
    const { start, end } = readLength(bytes, offset + 1)
    values.push({ tag: bytes[offset] ?? 0, content: bytes.subarray(start, end) })
    offset = end
  }
  return values
}

/** Reads the values inside a SEQUENCE, which must be all of `bytes`. */
export function readSequence(bytes: Bytes): DerValue[] {
  const [sequence, ...more] = readDer(bytes)
  if (more.length > 0) throw new SyntaxError('More than one value')
  return readDer(contentOf(sequence, TAG.sequence))
}

/** The content of a value, which must have this tag. */
export function contentOf(value: DerValue | undefined, tag: number): Bytes {
  if (value?.tag !== tag) throw new SyntaxError('Unexpected tag')
  return value.content
}

/** Reads a non-negative integer of at most six bytes. */
export function readInteger(value: DerValue | undefined): number {
  const content = contentOf(value, TAG.integer)
  const [first, second = 0x80] = content
  if (first === undefined || first >= 0x80 || content.length > 6) throw new SyntaxError('integer')
  if (first === 0 && second < 0x80) throw new SyntaxError('Integer is not in its shortest form')
  return content.reduce((number, byte) => number * 256 + byte, 0)
}

/** Reads an object identifier in dotted form. Its first two arcs are encoded as one number. */
export function readOid(value: DerValue | undefined): string {
  const numbers: number[] = []
  let number = 0
  for (const byte of contentOf(value, TAG.oid)) {
    number = number * 128 + (byte & 0x7f)
    if (byte >= 0x80) continue
    numbers.push(number)
    number = 0
  }
  const [both = 0, ...rest] = numbers
  const first = Math.min(Math.floor(both / 40), 2)
  return [first, both - 40 * first, ...rest].join('.')
}

/** Reads the length at `offset` and returns where the content begins and ends. */
function readLength(bytes: Bytes, offset: number): { start: number; end: number } {
  const first = bytes[offset]
  if (first === undefined || first === 0x80 || first > 0x83) throw new SyntaxError('length')
  const count = first < 0x80 ? 0 : first & 0x7f
  const start = offset + 1 + count
  const digits = bytes.subarray(offset + 1, start)
  const length = count === 0 ? first : digits.reduce((sum, digit) => sum * 256 + digit, 0)
  if (lengthBytes(length).length !== count + 1)
    throw new SyntaxError('Length is not in its shortest form')
  if (start + length > bytes.length) throw new SyntaxError('Value is truncated')
  return { start, end: start + length }
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  const digits = bigEndian(length)
  return [0x80 | digits.length, ...digits]
}

function bigEndian(value: number): number[] {
  const digits: number[] = []
  for (let left = value; left > 0; left = Math.floor(left / 256)) digits.unshift(left % 256)
  return digits
}
