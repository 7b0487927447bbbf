import type { Bytes } from '../bytes.ts'
import { CryptoError, KeyFileError } from '../errors.ts'
import { readSequence, TAG, writeDer, writeInteger, writeOid } from './der.ts'
import { blocksOfFile } from './key-file-blocks.ts'
import { factsOfEncryption, factsOfPkcs8, findRsaKey } from './key-file-facts.ts'
import { type RsaKeyBytes, rsaBytesOfPrivateKey } from './key-pair.ts'
import { decryptPbes2, type EncryptedKey, encryptPbes2, parsePbes2 } from './pbes2.ts'

/**
 * The `.pem` file of an RSA private key (PROTOCOL.md §8.5). openssl reads the files written here.
 */

const LINE_CHARS = 64

/** PKCS#8 as PEM: encrypted under `passphrase`, or in plaintext if that is null. */
export async function writePrivateKeyFile(
  pkcs8: Bytes,
  passphrase: string | null,
): Promise<string> {
  if (passphrase === null) return writePem('PRIVATE KEY', pkcs8)
  if (passphrase === '') throw new RangeError('An empty passphrase protects nothing')
  return writePem('ENCRYPTED PRIVATE KEY', await encryptPbes2(pkcs8, passphrase))
}

/**
 * Reads the RSA key in a file: PKCS#8, encrypted or not, or PKCS#1, as PEM in any text encoding or
 * as DER. Ignores text and other objects around the key. Throws `KeyFileError`.
 */
export async function readPrivateKeyFile(
  file: string | Bytes,
  passphrase: string | null,
): Promise<RsaKeyBytes> {
  const { label, der } = findRsaKey(blocksOfFile(file))
  if (label === 'RSA PRIVATE KEY') return readRsaKey(wrapPkcs1(der))
  if (label === 'PRIVATE KEY') return readRsaKey(der)
  return readRsaKey(await decrypt(der, passphrase))
}

async function decrypt(der: Bytes, passphrase: string | null): Promise<Bytes> {
  const encrypted = parseEncrypted(der)
  if (!passphrase) throw new KeyFileError({ kind: 'passphrase_missing' })
  try {
    const pkcs8 = await decryptPbes2(encrypted, passphrase)
    readSequence(pkcs8) // one wrong passphrase in 256 yields valid padding
    return pkcs8
  } catch {
    throw new KeyFileError({ kind: 'passphrase_wrong' })
  }
}

function parseEncrypted(der: Bytes): EncryptedKey {
  try {
    return parsePbes2(der)
  } catch {
    throw new KeyFileError(factsOfEncryption(der))
  }
}

async function readRsaKey(pkcs8: Bytes): Promise<RsaKeyBytes> {
  const facts = factsOfPkcs8(pkcs8)
  if (facts) throw new KeyFileError(facts)
  try {
    return await rsaBytesOfPrivateKey(pkcs8)
  } catch (error) {
    const isUnusual = error instanceof CryptoError && error.code === 'unsupported_private_key'
    throw new KeyFileError({ kind: isUnusual ? 'exponent' : 'damaged' })
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

function toBase64(bytes: Bytes): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''))
}
