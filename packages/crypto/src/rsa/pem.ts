import type { Bytes } from '../bytes.ts'
import { CryptoError } from '../errors.ts'
import { readSequence, TAG, writeDer, writeInteger, writeOid } from './der.ts'
import { type RsaKeyBytes, rsaBytesOfPrivateKey } from './key-pair.ts'
import { decryptPbes2, encryptPbes2, parsePbes2 } from './pbes2.ts'

/** The `.pem` file of an RSA private key (PROTOCOL.md §8.5). openssl reads what is written here. */

const MAX_FILE_CHARS = 64 * 1024
const LINE_CHARS = 64
const BLOCK = /-----BEGIN ((?:ENCRYPTED |RSA )?PRIVATE KEY)-----([A-Za-z0-9+/=\s]*)-----END \1-----/

/** PKCS#8 as PEM: encrypted under `passphrase`, or in the clear when that is null. */
export async function writePrivateKeyFile(
  pkcs8: Bytes,
  passphrase: string | null,
): Promise<string> {
  if (passphrase === null) return writePem('PRIVATE KEY', pkcs8)
  if (passphrase === '') throw new RangeError('an empty passphrase protects nothing')
  return writePem('ENCRYPTED PRIVATE KEY', await encryptPbes2(pkcs8, passphrase))
}

/**
 * The RSA key in a PEM file: PKCS#8, encrypted or not, or PKCS#1. Text around the block is ignored.
 * Throws `wrong_passphrase`, `not_a_private_key` or `unsupported_private_key`.
 */
export async function readPrivateKeyFile(
  pem: string,
  passphrase: string | null,
): Promise<RsaKeyBytes> {
  const { label, der } = parsePem(pem)
  if (label === 'RSA PRIVATE KEY') return rsaBytesOfPrivateKey(wrapPkcs1(der))
  if (label === 'PRIVATE KEY') return rsaBytesOfPrivateKey(der)
  return rsaBytesOfPrivateKey(await decrypt(der, passphrase))
}

async function decrypt(der: Bytes, passphrase: string | null): Promise<Bytes> {
  const encrypted = orNotAKey(() => parsePbes2(der))
  if (passphrase === null) throw new CryptoError('wrong_passphrase')
  try {
    const pkcs8 = await decryptPbes2(encrypted, passphrase)
    readSequence(pkcs8) // one wrong passphrase in 256 leaves padding that looks right
    return pkcs8
  } catch {
    throw new CryptoError('wrong_passphrase')
  }
}

/** PKCS#1 is the inner part of PKCS#8 (RFC 5958 §2, RFC 8017 §A.1). */
function wrapPkcs1(pkcs1: Bytes): Bytes {
  const rsaEncryption = writeOid('1.2.840.113549.1.1.1')
  const algorithm = writeDer(TAG.sequence, rsaEncryption, writeDer(TAG.null))
  return writeDer(TAG.sequence, writeInteger(0), algorithm, writeDer(TAG.octetString, pkcs1))
}

function writePem(label: string, der: Bytes): string {
  const lines = toBase64(der).match(new RegExp(`.{1,${LINE_CHARS}}`, 'g')) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

function parsePem(pem: string): { label: string; der: Bytes } {
  const [, label, body] = (pem.length <= MAX_FILE_CHARS && BLOCK.exec(pem)) || []
  if (label === undefined || body === undefined) throw new CryptoError('not_a_private_key')
  return { label, der: orNotAKey(() => fromBase64(body)) }
}

function toBase64(bytes: Bytes): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}

function fromBase64(text: string): Bytes {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

function orNotAKey<T>(read: () => T): T {
  try {
    return read()
  } catch {
    throw new CryptoError('not_a_private_key')
  }
}
