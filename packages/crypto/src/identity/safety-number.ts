import type { AccountId } from '@sotto/wire'
import { decodeBase64url } from '../base64url.ts'
import { type Bytes, concat } from '../bytes.ts'
import { contextOf } from '../hkdf.ts'

/** One of the two people who compare safety numbers. */
export interface SafetyParty {
  readonly account: AccountId
  /** Base64url, as in a record or a pin. */
  readonly identityKey: string
}

// Thirty digits are about 100 bits. The iteration makes it more expensive to search for a key whose
// digits resemble another person's.
const ROUNDS = 5200
const GROUPS = 6
const GROUP_BYTES = 5

/**
 * The 60 digits that two people compare (PROTOCOL.md §5.2); the same on both sides. Takes some
 * tenths of a second, so keep the result.
 */
export async function safetyNumber(a: SafetyParty, b: SafetyParty): Promise<string> {
  const halves = await Promise.all([half(a), half(b)])
  return halves.sort().join('')
}

/** The content of a safety number's QR code. */
export function safetyQr(digits: string): string {
  return `sotto:safety:1:${digits}`
}

async function half({ account, identityKey }: SafetyParty): Promise<string> {
  const key = decodeBase64url(identityKey)
  let hash: Bytes = contextOf('safety number', account, key)
  for (let round = 0; round < ROUNDS; round++) {
    hash = new Uint8Array(await crypto.subtle.digest('SHA-512', concat(hash, key)))
  }
  const view = new DataView(hash.buffer)
  return Array.from({ length: GROUPS }, (_, i) => digitsAt(view, i * GROUP_BYTES)).join('')
}

function digitsAt(view: DataView, offset: number): string {
  const number = view.getUint8(offset) * 2 ** 32 + view.getUint32(offset + 1)
  return String(number % 100_000).padStart(5, '0')
}
