import type { Bytes } from '../bytes.ts'
import { KeyFileError } from '../errors.ts'
import { type DerValue, readSequence, TAG } from './der.ts'

/** One object in a key file, with its PEM label (RFC 7468). */
export interface KeyFileBlock {
  readonly label: string
  readonly der: Bytes
  /** The header lines before the content, which older files have (RFC 1421). */
  readonly headers: string
}

const MAX_FILE_BYTES = 64 * 1024
const BIT_STRING = 0x03
const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----\r?\n?(.*?)-----END \1-----/gs
/** `Proc-Type: 4,ENCRYPTED` and everything up to the blank line. */
const HEADERS = /^(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+\s*\n/
/** A PKCS#12 file begins with its version, 3, and its content. Its lengths may be indefinite. */
const PKCS12_BEGINNING = [TAG.integer, 1, 3, TAG.sequence]

/**
 * The contents of a key file, in order: its PEM blocks, or a single DER structure. Throws
 * `KeyFileError` if it contains neither.
 */
export function blocksOfFile(file: string | Bytes): KeyFileBlock[] {
  if (file.length > MAX_FILE_BYTES) throw new KeyFileError({ kind: 'too_large' })
  if (typeof file !== 'string' && file[0] === TAG.sequence) return [blockOfDer(file)]
  const text = typeof file === 'string' ? file : decode(file)
  const blocks = Array.from(text.matchAll(BLOCK), ([, label = '', body = '']) =>
    blockOf(label, body),
  )
  if (blocks.length === 0) throw new KeyFileError({ kind: kindWithoutBlocks(text) })
  return blocks
}

/** Text as editors save it: UTF-8 or UTF-16, with or without a byte order mark. */
function decode(file: Bytes): string {
  const [first, second] = file
  const isLittle = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0)
  const isBig = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0)
  const encoding = isLittle ? 'utf-16le' : isBig ? 'utf-16be' : 'utf-8'
  return new TextDecoder(encoding).decode(file)
}

function blockOf(label: string, body: string): KeyFileBlock {
  const [headers = ''] = HEADERS.exec(body) ?? []
  try {
    const content = atob(body.slice(headers.length))
    return { label, headers, der: Uint8Array.from(content, (byte) => byte.charCodeAt(0)) }
  } catch {
    throw new KeyFileError({ kind: 'damaged' })
  }
}

function kindWithoutBlocks(text: string) {
  if (/^PuTTY-User-Key-File-/.test(text)) return 'putty'
  if (/^(?:ssh-|ecdsa-)[\w-]+ AAAA|^---- BEGIN SSH2 PUBLIC KEY ----/m.test(text))
    return 'public_key'
  return /-----BEGIN /.test(text) ? 'damaged' : 'no_key'
}

/** DER does not name its type, so the type is inferred from its structure. */
function blockOfDer(der: Bytes): KeyFileBlock {
  const label = labelOfDer(der)
  if (label === undefined) throw new KeyFileError({ kind: 'damaged' })
  return { label, headers: '', der }
}

function labelOfDer(der: Bytes): string | undefined {
  const lengthByte = der[1] ?? 0
  const contentAt = lengthByte <= 0x80 ? 2 : 2 + (lengthByte & 0x7f)
  if (PKCS12_BEGINNING.every((byte, n) => der[contentAt + n] === byte)) return 'PKCS12'
  const parts = partsOf(der).map(({ tag }) => LETTERS[tag] ?? '?')
  return Object.entries(LABELS).find(([, shape]) => shape.test(parts.join('')))?.[0]
}

/** A letter for each tag that distinguishes one structure from another. */
const LETTERS: Record<number, string> = {
  [TAG.integer]: 'i',
  [TAG.octetString]: 'o',
  [TAG.sequence]: 's',
  [BIT_STRING]: 'b',
}
const LABELS: Record<string, RegExp> = {
  'PRIVATE KEY': /^iso/,
  'RSA PRIVATE KEY': /^i{9}/,
  'ENCRYPTED PRIVATE KEY': /^so$/,
  'EC PRIVATE KEY': /^io/,
  'PUBLIC KEY': /^sb$|^ii$/,
  CERTIFICATE: /^ssb$/,
}

function partsOf(der: Bytes): DerValue[] {
  try {
    return readSequence(der)
  } catch {
    return []
  }
}
