import { concat, randomBytes, sha256, utf8 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'

/**
 * The printed form that opens a wrap of the root secret: eight groups of four characters of
 * Crockford's base32 with hyphens between, as it is shown. `code.split('-')` gives the groups.
 */
export type RecoveryCode = string & { readonly __brand: 'RecoveryCode' }

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const SECRET_CHARS = 30
const CHECK_CHARS = 2
const CONTEXT = concat(utf8('sotto/1 recovery code'), new Uint8Array(1))

/** A new code: 150 random bits and ten that find mistyped characters. */
export async function generateRecoveryCode(): Promise<RecoveryCode> {
  // 256 is a multiple of 32, so each character is equally likely.
  const secret = Array.from(randomBytes(SECRET_CHARS), (byte) => ALPHABET.charAt(byte & 31)).join(
    '',
  )
  return format(secret + (await checkOf(secret)))
}

/**
 * A code as somebody typed it: case, blanks and hyphens do not matter, and letters that look like
 * digits are read as digits. Throws `bad_recovery_code`.
 */
export async function parseRecoveryCode(text: string): Promise<RecoveryCode> {
  const typed = text.toUpperCase().replace(/[\s-]/gu, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  const secret = typed.slice(0, SECRET_CHARS)
  const isCode = typed.length === SECRET_CHARS + CHECK_CHARS && /^[0-9A-HJKMNP-TV-Z]+$/.test(typed)
  if (!isCode || typed.slice(SECRET_CHARS) !== (await checkOf(secret))) {
    throw new CryptoError('bad_recovery_code')
  }
  return format(typed)
}

/** The part of a code that is secret, without its groups and its check. Inside this package only. */
export function secretOfCode(code: RecoveryCode): string {
  return code.replaceAll('-', '').slice(0, SECRET_CHARS)
}

async function checkOf(secret: string): Promise<string> {
  const [first = 0, second = 0] = await sha256(concat(CONTEXT, utf8(secret)))
  const bits = (first << 2) | (second >> 6)
  return ALPHABET.charAt(bits >> 5) + ALPHABET.charAt(bits & 31)
}

function format(characters: string): RecoveryCode {
  return (characters.match(/.{4}/g) ?? []).join('-') as RecoveryCode
}
