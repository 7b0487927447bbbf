/**
 * Bytes that WebCrypto accepts directly: a `Uint8Array` whose memory no other thread can change
 * between a check and its use.
 */
export type Bytes = Uint8Array<ArrayBuffer>

const encoder = new TextEncoder()

/** The UTF-8 bytes of `text`. */
export function utf8(text: string): Bytes {
  return encoder.encode(text)
}

/**
 * The UTF-8 length in bytes of a well-formed `text`. Encoding the text to measure it costs several
 * times as much.
 */
export function utf8Length(text: string): number {
  let length = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    const isHalf = unit >= 0xd800 && unit <= 0xdfff
    // The two surrogates of a pair have four bytes together.
    if (unit >= 0x800 && !isHalf) length += 2
    else if (unit >= 0x80) length += 1
  }
  return length
}

/** Concatenates all `parts`. */
export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

/** `value` as four bytes, big-endian. Throws if it does not fit, instead of truncating it. */
export function uint32(value: number): Bytes {
  if (value !== value >>> 0) throw new RangeError('Not an unsigned 32-bit integer')
  const bytes = new Uint8Array(4)
  new DataView(bytes.buffer).setUint32(0, value)
  return bytes
}

/** The 16 bytes of a UUID in its canonical text form; throws for anything else. */
export function uuidBytes(uuid: string): Bytes {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(uuid)) throw new TypeError('Not a UUID')
  const hex = uuid.replaceAll('-', '')
  return Uint8Array.from({ length: 16 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16))
}

/**
 * Whether `a` and `b` are equal. Compares every byte regardless of the first difference, so that
 * the duration does not reveal where a forged tag deviates.
 */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  let difference = 0
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0)
  return difference === 0
}

/** `length` random bytes from the system's generator. */
export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** SHA-256 of `bytes`. */
export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
}
