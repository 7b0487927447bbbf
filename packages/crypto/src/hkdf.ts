import { type Bytes, concat, utf8, uuidBytes } from './bytes.ts'

/**
 * For `salt`: every input here is uniformly random, for which RFC 5869 §3.1 allows an empty salt.
 */
export const NO_SALT: Bytes = new Uint8Array(0)

/** Derives `length` bytes with HKDF (RFC 5869). */
export async function hkdf(
  hash: 'SHA-256' | 'SHA-512',
  inputs: { secret: Bytes; salt: Bytes; info: Bytes },
  length: number,
): Promise<Bytes> {
  const { secret, salt, info } = inputs
  const key = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveBits'])
  const bits = await crypto.subtle.deriveBits({ name: 'HKDF', hash, salt, info }, key, length * 8)
  return new Uint8Array(bits)
}

/**
 * The purpose of a derived key: a label, a zero byte, an id, and anything else the key is bound to.
 * No label contains a zero byte, and all other parts have a fixed length, so that no two contexts
 * are equal.
 */
export function contextOf(label: string, id: string, ...rest: Uint8Array[]): Bytes {
  return concat(utf8(`sotto/1 ${label}`), new Uint8Array(1), uuidBytes(id), ...rest)
}
