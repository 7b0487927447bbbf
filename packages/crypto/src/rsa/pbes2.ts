import { type Bytes, equalBytes, randomBytes, utf8 } from '../bytes.ts'
import {
  contentOf,
  type DerValue,
  readDer,
  readInteger,
  readSequence,
  TAG,
  writeDer,
  writeInteger,
  writeOid,
} from './der.ts'

/** Encrypted PKCS#8 (RFC 5958) by PBES2 (RFC 8018): PBKDF2, then AES-CBC. */

const PBES2 = writeOid('1.2.840.113549.1.5.13')
const PBKDF2 = writeOid('1.2.840.113549.1.5.12')
const HMAC_SHA256 = writeOid('1.2.840.113549.2.9')
const AES256_CBC = writeOid('2.16.840.1.101.3.4.1.42')
const NULL = writeDer(TAG.null)

const SALT_BYTES = 16
const IV_BYTES = 16
const ITERATIONS = 600_000
/** Some seconds of CPU time. A higher count is an attack on the person who opens the file. */
const MAX_ITERATIONS = 10_000_000

type Hash = 'SHA-1' | 'SHA-256' | 'SHA-384' | 'SHA-512'

/** The hash of PBKDF2 by its identifier. Without an identifier it is SHA-1. */
const HASHES: readonly (readonly [Bytes, Hash])[] = [
  [writeOid('1.2.840.113549.2.7'), 'SHA-1'],
  [HMAC_SHA256, 'SHA-256'],
  [writeOid('1.2.840.113549.2.10'), 'SHA-384'],
  [writeOid('1.2.840.113549.2.11'), 'SHA-512'],
]

/** The AES key size in bytes by the cipher's identifier. Browsers do not support AES-192. */
const CIPHERS: readonly (readonly [Bytes, number])[] = [
  [writeOid('2.16.840.1.101.3.4.1.2'), 16],
  [AES256_CBC, 32],
]

/** How to derive an AES key from a passphrase. */
export interface Stretching {
  readonly hash: Hash
  readonly salt: Bytes
  readonly iterations: number
}

/** The DER of an EncryptedPrivateKeyInfo around `pkcs8`. */
export async function encryptPbes2(pkcs8: Bytes, passphrase: string): Promise<Bytes> {
  const salt = randomBytes(SALT_BYTES)
  const iv = randomBytes(IV_BYTES)
  const stretching: Stretching = { hash: 'SHA-256', salt, iterations: ITERATIONS }
  const key = await importAesCbc(await pbkdf2(utf8(passphrase), stretching, 32))
  const ciphertext = await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, pkcs8)

  const prf = writeDer(TAG.sequence, HMAC_SHA256, NULL)
  const saltPart = writeDer(TAG.octetString, salt)
  const pbkdf2Part = writeDer(TAG.sequence, saltPart, writeInteger(ITERATIONS), prf)
  const derivation = writeDer(TAG.sequence, PBKDF2, pbkdf2Part)
  const cipher = writeDer(TAG.sequence, AES256_CBC, writeDer(TAG.octetString, iv))
  const scheme = writeDer(TAG.sequence, PBES2, writeDer(TAG.sequence, derivation, cipher))
  return writeDer(TAG.sequence, scheme, writeDer(TAG.octetString, new Uint8Array(ciphertext)))
}

/** A parsed EncryptedPrivateKeyInfo. */
export interface EncryptedKey {
  readonly stretching: Stretching
  readonly keyBytes: number
  readonly iv: Bytes
  readonly ciphertext: Bytes
}

/** Parses the DER of an EncryptedPrivateKeyInfo; throws for any scheme except those above. */
export function parsePbes2(der: Bytes): EncryptedKey {
  const [scheme, encrypted] = exactly(2, readSequence(der))
  const [derivation, cipher] = exactly(2, parametersOf(scheme, PBES2))
  const [cipherId, iv] = exactly(2, readDer(contentOf(cipher, TAG.sequence)))
  const ivBytes = contentOf(iv, TAG.octetString)
  if (ivBytes.length !== IV_BYTES) throw new SyntaxError('IV')
  const keyBytes = find(CIPHERS, cipherId)
  return {
    stretching: parsePbkdf2(parametersOf(derivation, PBKDF2), keyBytes),
    keyBytes,
    iv: ivBytes,
    ciphertext: contentOf(encrypted, TAG.octetString),
  }
}

/**
 * Decrypts the PKCS#8 key. Throws if the padding is wrong, which is nearly always the case with a
 * wrong key.
 */
export async function decryptPbes2(encrypted: EncryptedKey, passphrase: string): Promise<Bytes> {
  const { stretching, keyBytes, iv, ciphertext } = encrypted
  return decryptAesCbc(await pbkdf2(utf8(passphrase), stretching, keyBytes), iv, ciphertext)
}

/** AES-CBC with padding and, as PBES2 requires, without a MAC. For key files only. */
export async function decryptAesCbc(keyBytes: Bytes, iv: Bytes, ciphertext: Bytes): Promise<Bytes> {
  const key = await importAesCbc(keyBytes)
  return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, key, ciphertext))
}

/** `length` bytes by PBKDF2 (RFC 8018 §5.2). */
export async function pbkdf2(
  passphrase: Bytes,
  { hash, salt, iterations }: Stretching,
  length: number,
): Promise<Bytes> {
  const key = await crypto.subtle.importKey('raw', passphrase, 'PBKDF2', false, ['deriveBits'])
  const algorithm = { name: 'PBKDF2', hash, salt, iterations }
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, key, length * 8))
}

function importAesCbc(key: Bytes): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', key, 'AES-CBC', false, ['encrypt', 'decrypt'])
}

/** PBKDF2-params: salt, iterations, and optionally the length of the key and the hash. */
function parsePbkdf2(values: DerValue[], keyBytes: number): Stretching {
  const [salt, iterations, ...options] = values
  const [first, ...afterLength] = options
  const [prf, ...more] = first?.tag === TAG.integer ? afterLength : options
  if (first?.tag === TAG.integer && readInteger(first) !== keyBytes) throw new SyntaxError('length')
  if (more.length > 0) throw new SyntaxError('parameters')

  const count = readInteger(iterations)
  if (count < 1 || count > MAX_ITERATIONS) throw new RangeError('iterations')
  const [hashId, none] = prf ? readDer(contentOf(prf, TAG.sequence)) : []
  if (none && none.tag !== TAG.null) throw new SyntaxError('parameters')
  const hash = prf ? find(HASHES, hashId) : 'SHA-1'
  return { hash, salt: contentOf(salt, TAG.octetString), iterations: count }
}

/** The parameters of an AlgorithmIdentifier, which must have this object identifier. */
function parametersOf(identifier: DerValue | undefined, oid: Bytes): DerValue[] {
  const [id, parameters] = exactly(2, readDer(contentOf(identifier, TAG.sequence)))
  find([[oid, true]], id)
  return readDer(contentOf(parameters, TAG.sequence))
}

function find<T>(known: readonly (readonly [Bytes, T])[], id: DerValue | undefined): T {
  const oid = writeDer(TAG.oid, contentOf(id, TAG.oid))
  const match = known.find(([candidate]) => equalBytes(candidate, oid))
  if (!match) throw new SyntaxError('Unknown algorithm')
  return match[1]
}

function exactly(count: number, values: DerValue[]): DerValue[] {
  if (values.length !== count) throw new SyntaxError('Wrong number of values')
  return values
}
