import type { Bytes } from '../bytes.ts'
import { KeyFileError, type KeyFileFacts } from '../errors.ts'
import { contentOf, type DerValue, readDer, readOid, readSequence, TAG } from './der.ts'
import type { KeyFileBlock } from './key-file-blocks.ts'
import { MAX_BITS, MIN_BITS } from './key-pair.ts'

/**
 * Describes a key file that is not supported, and gives the command that converts it to one that
 * is.
 */

const TO_PKCS8 = 'openssl pkcs8 -topk8 -v2 aes-256-cbc -in key.pem -out sotto.pem'
/** OpenSSL 3 has moved broken algorithms to a separate provider. */
const TO_PKCS8_LEGACY = TO_PKCS8.replace('-topk8', '-topk8 -provider legacy -provider default')
// ssh-keygen overwrites the file that it reads.
const FROM_OPENSSH = 'cp key.pem sotto.pem && ssh-keygen -p -m PKCS8 -f sotto.pem'
const FROM_PKCS12 = 'openssl pkcs12 -nocerts -aes256 -in key.pem -out sotto.pem'

const RSA = '1.2.840.113549.1.1.1'
const PBES2 = '1.2.840.113549.1.5.13'
const PBKDF2 = '1.2.840.113549.1.5.12'

const ALGORITHMS: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.1.10': 'RSA-PSS',
  '1.2.840.10045.2.1': 'EC',
  '1.2.840.10040.4.1': 'DSA',
  '1.2.840.113549.1.3.1': 'Diffie-Hellman',
  '1.3.101.110': 'X25519',
  '1.3.101.111': 'X448',
  '1.3.101.112': 'Ed25519',
  '1.3.101.113': 'Ed448',
}

/** Encryption schemes for PKCS#8 that are not supported. */
const ENCRYPTIONS: Readonly<Record<string, { name: string; isLegacy?: true }>> = {
  '1.3.6.1.4.1.11591.4.11': { name: 'scrypt' },
  '1.2.840.113549.3.7': { name: 'Triple DES' },
  '2.16.840.1.101.3.4.1.22': { name: 'AES-192' },
  '1.3.14.3.2.7': { name: 'DES', isLegacy: true },
  '1.2.840.113549.3.2': { name: 'RC2', isLegacy: true },
  '1.2.840.113549.1.5.1': { name: 'PBES1 with DES', isLegacy: true },
  '1.2.840.113549.1.5.3': { name: 'PBES1 with DES', isLegacy: true },
  '1.2.840.113549.1.5.4': { name: 'PBES1 with RC2', isLegacy: true },
  '1.2.840.113549.1.5.6': { name: 'PBES1 with RC2', isLegacy: true },
  '1.2.840.113549.1.5.10': { name: 'PBES1 with DES', isLegacy: true },
  '1.2.840.113549.1.5.11': { name: 'PBES1 with RC2', isLegacy: true },
  '1.2.840.113549.1.12.1.1': { name: 'PKCS#12 with RC4', isLegacy: true },
  '1.2.840.113549.1.12.1.2': { name: 'PKCS#12 with RC4', isLegacy: true },
  '1.2.840.113549.1.12.1.3': { name: 'PKCS#12 with Triple DES' },
  '1.2.840.113549.1.12.1.4': { name: 'PKCS#12 with Triple DES' },
  '1.2.840.113549.1.12.1.5': { name: 'PKCS#12 with RC2', isLegacy: true },
  '1.2.840.113549.1.12.1.6': { name: 'PKCS#12 with RC2', isLegacy: true },
}

const READABLE = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY']

/**
 * Finds the only block that may be the RSA key. Throws `KeyFileError` if there is none or more than
 * one.
 */
export function findRsaKey(blocks: readonly KeyFileBlock[]): KeyFileBlock {
  const refused = blocks.map((block) => ({ block, facts: factsOfBlock(block) }))
  const keys = refused.filter(({ facts }) => facts === undefined)
  const [only, ...more] = keys
  if (more.length > 0) throw new KeyFileError({ kind: 'several_keys', count: keys.length })
  if (only) return only.block
  // Report the block that most resembles a key: it tells the person the most.
  const nearest =
    refused.find(({ facts }) => facts?.command !== undefined) ??
    refused.find(({ facts }) => facts?.kind === 'other_algorithm') ??
    refused.find(({ facts }) => facts?.kind !== 'other') ??
    refused[0]
  throw new KeyFileError(nearest?.facts ?? { kind: 'no_key' })
}

/** Why a block cannot be the RSA key; undefined if it may be. */
function factsOfBlock({ label, der, headers }: KeyFileBlock): KeyFileFacts | undefined {
  if (label === 'RSA PRIVATE KEY' && headers.includes('ENCRYPTED')) {
    return { kind: 'encrypted_pkcs1', command: TO_PKCS8 }
  }
  if (label === 'PRIVATE KEY') return algorithmFacts(der)
  if (READABLE.includes(label)) return undefined
  if (label === 'OPENSSH PRIVATE KEY') return factsOfOpenssh(der)
  if (label === 'PKCS12') return { kind: 'pkcs12', command: FROM_PKCS12 }
  const [, algorithm] = /^(EC|DSA|DH|X25519|ED25519) PRIVATE KEY$/.exec(label) ?? []
  if (algorithm) return { kind: 'other_algorithm', algorithm }
  if (/PUBLIC KEY$/.test(label)) return { kind: 'public_key' }
  if (/CERTIFICATE(?: REQUEST)?$/.test(label)) return { kind: 'certificate' }
  return { kind: 'other', label: label.slice(0, 64) }
}

/** The problem with an unencrypted PKCS#8 key; undefined if it may be an RSA key. */
export function factsOfPkcs8(pkcs8: Bytes): KeyFileFacts | undefined {
  const other = algorithmFacts(pkcs8)
  if (other) return other
  try {
    const [, , key] = readSequence(pkcs8)
    const [, modulus] = readSequence(contentOf(key, TAG.octetString))
    const bits = bitsOf(contentOf(modulus, TAG.integer))
    if (bits < MIN_BITS) return { kind: 'too_short', bits }
    return bits > MAX_BITS ? { kind: 'too_long', bits } : undefined
  } catch {
    return { kind: 'damaged' }
  }
}

function algorithmFacts(pkcs8: Bytes): KeyFileFacts | undefined {
  try {
    const [, identifier] = readSequence(pkcs8)
    const oid = oidOf(identifier)
    return oid === RSA ? undefined : { kind: 'other_algorithm', algorithm: ALGORITHMS[oid] ?? oid }
  } catch {
    return { kind: 'damaged' }
  }
}

/** How a PKCS#8 key with an unsupported scheme is encrypted. */
export function factsOfEncryption(der: Bytes): KeyFileFacts {
  try {
    const [scheme] = readSequence(der)
    const ways = oidOf(scheme) === PBES2 ? partsOfPbes2(scheme) : [oidOf(scheme)]
    const known = ways.flatMap((oid) => ENCRYPTIONS[oid] ?? [])
    const unknown = ways.find((oid) => oid !== PBKDF2)
    const algorithm = known.map(({ name }) => name).join(', ') || unknown || 'PBKDF2'
    const isLegacy = known.some((way) => way.isLegacy)
    return { kind: 'encryption', algorithm, command: isLegacy ? TO_PKCS8_LEGACY : TO_PKCS8 }
  } catch {
    return { kind: 'damaged' }
  }
}

/** The key derivation function and the cipher. */
function partsOfPbes2(scheme: DerValue | undefined): string[] {
  const [, parameters] = readDer(contentOf(scheme, TAG.sequence))
  return readDer(contentOf(parameters, TAG.sequence)).map(oidOf)
}

function oidOf(identifier: DerValue | undefined): string {
  return readOid(readDer(contentOf(identifier, TAG.sequence))[0])
}

function bitsOf(integer: Bytes): number {
  const first = integer.findIndex((byte) => byte !== 0)
  return first < 0 ? 0 : 8 * (integer.length - first) - Math.clz32(integer[first] ?? 0) + 24
}

/** OpenSSH's own format (PROTOCOL.key), in which the public key is not encrypted. */
function factsOfOpenssh(der: Bytes): KeyFileFacts {
  const text = String.fromCharCode(...der.subarray(0, 512))
  if (!text.startsWith('openssh-key-v1\0')) return { kind: 'damaged' }
  if (text.includes('ssh-rsa')) return { kind: 'openssh', command: FROM_OPENSSH }
  const [, algorithm = 'OpenSSH'] = OPENSSH_ALGORITHMS.find(([name]) => text.includes(name)) ?? []
  return { kind: 'other_algorithm', algorithm }
}

const OPENSSH_ALGORITHMS = [
  ['ed25519', 'Ed25519'],
  ['ecdsa', 'EC'],
  ['ssh-dss', 'DSA'],
] as const
