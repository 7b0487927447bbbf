import {
  type AccountId,
  AccountRecord,
  Credential,
  DeviceProof,
  MAX_STATEMENT_CHARS,
  MAX_SUCCESSION_CHARS,
  Manifest,
  SignedWrite,
  STATEMENT_HEADERS,
  type StatementKind,
  Succession,
  type Written,
} from '@sotto/wire'
import { decodeBase64url, encodeBase64url } from './base64url.ts'
import { type Bytes, sha256, utf8 } from './bytes.ts'
import { importEcdhPublicKey } from './ecdh/key-pair.ts'
import { CryptoError } from './errors.ts'
import type { DeviceKeyPair } from './identity/device-key.ts'
import { signEd25519, verifyEd25519 } from './identity/ed25519.ts'
import type { IdentityKeyPair } from './identity/identity-key.ts'
import { importRsaPublicKey } from './rsa/key-pair.ts'
import { parseStrictJson } from './strict-json.ts'

/**
 * Statements (PROTOCOL.md §3, and the proof of §10.4): compact JWS, each kind with one fixed
 * protected header. The header is compared, not interpreted, so it cannot request another
 * algorithm, key or type.
 */

const HEADERS = Object.fromEntries(
  Object.entries(STATEMENT_HEADERS).map(([kind, header]) => [kind, encodeBase64url(utf8(header))]),
) as Readonly<Record<StatementKind, string>>

/** Signs the account's published record. The record must name this identity key. */
export async function signRecord(
  identity: IdentityKeyPair,
  record: AccountRecord,
): Promise<string> {
  const payload = AccountRecord.parse(record)
  if (payload.identityKey !== encodeBase64url(identity.publicKey)) {
    throw new CryptoError('bad_statement')
  }
  return sign(identity, 'record', payload)
}

/**
 * The record in a statement, if it is validly signed by the identity key **in it** and its other
 * keys are valid. Only pinning can tell whether that key is the intended person's, and only the
 * version whether the record is the newest. Throws `bad_statement`.
 */
export async function verifyRecord(statement: string): Promise<AccountRecord> {
  const { signed, signature, payload } = parse(statement, 'record')
  const record = AccountRecord.safeParse(payload)
  if (!record.success) throw new CryptoError('bad_statement')
  await verify(record.data.identityKey, signature, signed)
  await refuseUnusable(record.data)
  return record.data
}

/**
 * The signature proves who wrote the record, not that it is usable. An invalid key would fail only
 * later, for each message that is sealed or opened with it.
 */
async function refuseUnusable({ ecdhKey, rsaKey, revoked }: AccountRecord): Promise<void> {
  const devices = new Set(revoked.map(({ device }) => device))
  if (devices.size < revoked.length) throw new CryptoError('bad_statement')
  try {
    await importEcdhPublicKey(decodeBase64url(ecdhKey))
    if (rsaKey !== null) await importRsaPublicKey(decodeBase64url(rsaKey))
  } catch {
    throw new CryptoError('bad_statement')
  }
}

/** Signs "this device key belongs to this device of this account". */
export async function signCredential(
  identity: IdentityKeyPair,
  credential: Credential,
): Promise<string> {
  return sign(identity, 'credential', Credential.parse(credential))
}

/**
 * The credential in a statement that `identityKey` (base64url, as in a record or a pin) signed. The
 * caller must check that account and device are the expected ones. Throws `bad_statement`.
 */
export async function verifyCredential(
  statement: string,
  identityKey: string,
): Promise<Credential> {
  const { signed, signature, payload } = parse(statement, 'credential')
  await verify(identityKey, signature, signed)
  const credential = Credential.safeParse(payload)
  if (!credential.success) throw new CryptoError('bad_statement')
  return credential.data
}

/** Signs that another identity key replaces this one. */
export async function signSuccession(
  former: IdentityKeyPair,
  succession: Succession,
): Promise<string> {
  const payload = Succession.parse(succession)
  if (payload.formerKey !== encodeBase64url(former.publicKey)) {
    throw new CryptoError('bad_statement')
  }
  return sign(former, 'succession', payload)
}

/**
 * The succession in a statement, if it is validly signed by the former key **in it**. Only pinning
 * can tell whether that key was the current one. Throws `bad_statement`.
 */
export async function verifySuccession(statement: string): Promise<Succession> {
  if (statement.length > MAX_SUCCESSION_CHARS) throw new CryptoError('bad_statement')
  const { signed, signature, payload } = parse(statement, 'succession')
  const succession = Succession.safeParse(payload)
  if (!succession.success) throw new CryptoError('bad_statement')
  const { formerKey, identityKey } = succession.data
  await verify(formerKey, signature, signed)
  if (formerKey === identityKey) throw new CryptoError('bad_statement')
  return succession.data
}

/** Signs the versions of everything that the account stores on the server. */
export async function signManifest(identity: IdentityKeyPair, manifest: Manifest): Promise<string> {
  return sign(identity, 'manifest', Manifest.parse(manifest))
}

/** The manifest in a statement that `identityKey` (base64url) signed. Throws `bad_statement`. */
export async function verifyManifest(statement: string, identityKey: string): Promise<Manifest> {
  const { signed, signature, payload } = parse(statement, 'manifest')
  await verify(identityKey, signature, signed)
  const manifest = Manifest.safeParse(payload)
  if (!manifest.success) throw new CryptoError('bad_statement')
  return manifest.data
}

/** Signs that the account's owner writes this as `version`. */
export async function signWritten(
  identity: IdentityKeyPair,
  account: AccountId,
  { what, text }: Written,
  version: number,
): Promise<string> {
  const sha256 = await hashText(text)
  return sign(identity, 'write', SignedWrite.parse({ account, what, version, sha256 }))
}

/** The signed write in a statement that `identityKey` (base64url) signed. Throws `bad_statement`. */
export async function verifyWrite(statement: string, identityKey: string): Promise<SignedWrite> {
  const { signed, signature, payload } = parse(statement, 'write')
  await verify(identityKey, signature, signed)
  const write = SignedWrite.safeParse(payload)
  if (!write.success) throw new CryptoError('bad_statement')
  return write.data
}

/** Signs a challenge from the server with this device's key. */
export async function signDeviceProof(device: DeviceKeyPair, proof: DeviceProof): Promise<string> {
  return sign(device, 'proof', DeviceProof.parse(proof))
}

/** The proof in a statement that `deviceKey` (base64url, as in a credential) signed. Throws `bad_statement`. */
export async function verifyDeviceProof(
  statement: string,
  deviceKey: string,
): Promise<DeviceProof> {
  const { signed, signature, payload } = parse(statement, 'proof')
  await verify(deviceKey, signature, signed)
  const proof = DeviceProof.safeParse(payload)
  if (!proof.success) throw new CryptoError('bad_statement')
  return proof.data
}

/** The hash of a picture in a record: SHA-256 of its bytes, base64url. */
export async function hashPicture(picture: Bytes): Promise<string> {
  return encodeBase64url(await sha256(picture))
}

async function hashText(text: string): Promise<string> {
  return encodeBase64url(await sha256(utf8(text)))
}

async function sign(
  { privateKey }: IdentityKeyPair | DeviceKeyPair,
  kind: StatementKind,
  payload: object,
): Promise<string> {
  const signed = `${HEADERS[kind]}.${encodeBase64url(utf8(JSON.stringify(payload)))}`
  return `${signed}.${encodeBase64url(await signEd25519(privateKey, utf8(signed)))}`
}

function parse(statement: string, kind: StatementKind) {
  if (statement.length > MAX_STATEMENT_CHARS) throw new CryptoError('bad_statement')
  const [header, payload, signature, ...more] = statement.split('.')
  if (header !== HEADERS[kind] || !payload || !signature || more.length > 0) {
    throw new CryptoError('bad_statement')
  }
  return {
    signed: utf8(`${header}.${payload}`),
    payload: parsePayload(decode(payload)),
    signature: decode(signature),
  }
}

function parsePayload(payload: Bytes): unknown {
  try {
    return parseStrictJson(payload)
  } catch {
    throw new CryptoError('bad_statement')
  }
}

async function verify(publicKey: string, signature: Bytes, signed: Bytes): Promise<void> {
  const isSigned = await verifyEd25519(decode(publicKey), signature, signed)
  if (!isSigned) throw new CryptoError('bad_statement')
}

function decode(text: string): Bytes {
  try {
    return decodeBase64url(text)
  } catch {
    throw new CryptoError('bad_statement')
  }
}
