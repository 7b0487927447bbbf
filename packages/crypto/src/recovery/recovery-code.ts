import { asciiDigits } from '@sotto/wire'
import { concat, randomBytes, sha256, utf8 } from '../bytes.ts'
import { CryptoError } from '../errors.ts'

/**
 * The printed form that opens a wrap of the root secret: eight groups of four characters of
 * Crockford's base32, separated by hyphens. `code.split('-')` gives the groups.
 */
export type RecoveryCode = string & { readonly __brand: 'RecoveryCode' }

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const SECRET_CHARS = 30
const CHECK_CHARS = 2
const CODE_CHARS = SECRET_CHARS + CHECK_CHARS
const LIST_NUMBER = /(?<=^|\s)[1-8][.):]\s/g
const LOOKALIKE =
  /(?<![0-9A-Z])(?:(?:[0-9A-Z]{4}[\s\p{Pd}]+){6,8}[0-9A-Z]{2,6}|[0-9A-Z]{3,5}(?:\p{Pd}[0-9A-Z]{3,5}){5,8}|[0-9A-Z]{28,36})(?![0-9A-Z])/gu
/** Larger than any file in which a person keeps a code. Each word may cost a hash. */
const MAX_SEARCHED_CHARS = 64 * 1024
const CONTEXT = concat(utf8('sotto/1 recovery code'), new Uint8Array(1))

/** Creates a code: 150 random bits and a ten-bit checksum that detects typing errors. */
export async function generateRecoveryCode(): Promise<RecoveryCode> {
  // 256 is a multiple of 32, so each character is equally likely.
  const secret = Array.from(randomBytes(SECRET_CHARS), (byte) => ALPHABET.charAt(byte & 31)).join(
    '',
  )
  return format(secret + (await checkOf(secret)))
}

/**
 * Parses a typed code. Case, whitespace and hyphens do not matter, digits may be from any script,
 * and letters that look like digits are read as digits. Throws `bad_recovery_code`.
 */
export async function parseRecoveryCode(text: string): Promise<RecoveryCode> {
  const code = await readCode(codeCharacters(text).replace(/[\s\p{Pd}]/gu, ''))
  if (!code) throw new CryptoError('bad_recovery_code')
  return code
}

/** The recovery codes in a text. */
export interface FoundRecoveryCodes {
  /** Each valid code once, in order of appearance. */
  readonly codes: readonly RecoveryCode[]
  /**
   * Text that looks like a code but is not valid, as written: characters are missing or mistyped.
   */
  readonly damaged: readonly string[]
}

/**
 * Finds the recovery codes in a text, such as a saved file or a code with words around it. Only the
 * first `MAX_SEARCHED_CHARS` characters are searched.
 */
export async function findRecoveryCodes(text: string): Promise<FoundRecoveryCodes> {
  const codes: RecoveryCode[] = []
  const damaged: string[] = []
  for (const run of runsOf(codeCharacters(text.slice(0, MAX_SEARCHED_CHARS)))) {
    const found = await codesIn(run.match(/[0-9A-Z]+/g) ?? [])
    codes.push(...found)
    if (found.length === 0) damaged.push(...lookalikesIn(run))
  }
  return { codes: [...new Set(codes)], damaged: [...new Set(damaged)] }
}

/** The parts of a text that consist only of words, whitespace and hyphens. */
const runsOf = (text: string): string[] =>
  text.replace(LIST_NUMBER, ' ').split(/[^0-9A-Z\s\p{Pd}]+|\n\s*\n/u)

/**
 * Text in the form of a code: about eight groups of about four characters, or a single word of that
 * length.
 */
const lookalikesIn = (run: string): string[] =>
  (run.match(LOOKALIKE) ?? [])
    .filter((text) => /[0-9]/.test(text))
    .map((text) => text.replace(/[\s\p{Pd}]+/gu, '-'))

/**
 * The codes in a run of words: consecutive words that have the length of a code and pass its
 * checksum.
 */
async function codesIn(words: readonly string[]): Promise<RecoveryCode[]> {
  const codes: RecoveryCode[] = []
  for (let first = 0; first < words.length; first++) {
    let typed = ''
    let next = first
    while (next < words.length && typed.length < CODE_CHARS) typed += words[next++]
    const code = await readCode(typed)
    if (!code) continue
    codes.push(code)
    first = next - 1
  }
  return codes
}

/** `text` reduced to the characters that codes use. */
const codeCharacters = (text: string): string =>
  asciiDigits(text.normalize('NFKC'))
    .replace(/\p{Cf}/gu, '')
    .toUpperCase()

async function readCode(typed: string): Promise<RecoveryCode | undefined> {
  const read = typed.replaceAll('O', '0').replace(/[IL]/g, '1')
  const secret = read.slice(0, SECRET_CHARS)
  const isCode = read.length === CODE_CHARS && /^[0-9A-HJKMNP-TV-Z]+$/.test(read)
  if (!isCode || read.slice(SECRET_CHARS) !== (await checkOf(secret))) return undefined
  return format(read)
}

/** The secret part of a code, without grouping and checksum. For use inside this package only. */
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
