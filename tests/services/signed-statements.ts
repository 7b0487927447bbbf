import {
  createHash,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  randomUUID,
  sign,
} from 'node:crypto'
import {
  type AccountRecord,
  type Credential,
  type DeviceProof,
  logInChallenge,
  type Manifest,
  SEALED_DEVICE_NAME_CHARS,
  SessionId,
  type Succession,
  type Written,
} from '@sotto/wire'

// Statements as clients sign them, created with Node alone, because tests of services must not need
// the SDK.

type Changes<Claims> = Partial<Record<keyof Claims, unknown>>

/** The keys of an account. */
export interface AccountKeys {
  /** The account's id. */
  readonly id: string
  readonly identity: ReturnType<typeof createIdentity>
  readonly ecdhKey: string
}

export function createKeys(id: string = randomUUID()): AccountKeys {
  return { id, identity: createIdentity(), ecdhKey: createEcdhKey() }
}

/** An account record; `changes` replaces members of its payload. */
export function signRecord(
  { id, identity, ecdhKey }: AccountKeys,
  name: string,
  changes?: Changes<AccountRecord>,
): string {
  return identity.sign('sotto-account+jws', {
    account: id,
    version: 1,
    name,
    pictureSha256: null,
    identityKey: identity.publicKey,
    ecdhKey,
    rsaKey: null,
    revoked: [],
    issuedAt: Date.now(),
    ...changes,
  })
}

export function signCredential(
  { id, identity }: AccountKeys,
  { deviceId, deviceKey }: { deviceId: string; deviceKey: string },
  changes?: Changes<Credential>,
): string {
  return identity.sign('sotto-device+jws', {
    account: id,
    device: deviceId,
    deviceKey,
    sealedName: sealedName(),
    issuedAt: Date.now(),
    ...changes,
  })
}

export function signManifest({ id, identity }: AccountKeys, changes?: Changes<Manifest>): string {
  return identity.sign('sotto-manifest+jws', {
    account: id,
    version: 1,
    record: 1,
    boxes: { keys: 1, contacts: 1 },
    wraps: { password: null, recovery_code: null },
    issuedAt: Date.now(),
    ...changes,
  })
}

/** "My keys are these from now on", signed by the key being replaced. */
export function signSuccession(
  { id, identity }: AccountKeys,
  next: AccountKeys,
  changes?: Changes<Succession>,
): string {
  return identity.sign('sotto-succession+jws', {
    account: id,
    formerKey: identity.publicKey,
    identityKey: next.identity.publicKey,
    device: randomUUID(),
    issuedAt: Date.now(),
    ...changes,
  })
}

/** A device with the key in its credential. */
export interface DeviceKeys {
  readonly privateKey: KeyObject
  readonly deviceKey: string
}

export function createDevice(): DeviceKeys {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { privateKey, deviceKey: rawOf(publicKey) }
}

/** "This device answers this challenge", signed by the device. */
export function signProof(
  { privateKey }: Pick<DeviceKeys, 'privateKey'>,
  claims: Changes<DeviceProof>,
): string {
  return signWith(privateKey, 'sotto-proof+jws', claims)
}

/** The proof of a device's log-in: the body of a request to `/devices/:deviceId/proof`. */
export function signLogIn(
  keys: AccountKeys,
  device: DeviceKeys,
  { deviceId, sessionId }: { deviceId: string; sessionId: string },
): { credential: string; proof: string } {
  const challenge = logInChallenge(SessionId.parse(sessionId))
  const claims = { account: keys.id, device: deviceId, challenge, issuedAt: Date.now() }
  return {
    credential: signCredential(keys, { deviceId, deviceKey: device.deviceKey }),
    proof: signProof(device, claims),
  }
}

/** "The owner writes this", signed. */
export function signWrite(
  { id, identity }: AccountKeys,
  { what, text }: Written,
  version: number,
): string {
  const sha256 = createHash('sha256').update(text).digest('base64url')
  return identity.sign('sotto-write+jws', { account: id, what, version, sha256 })
}

/** A device's name as the server sees it. */
export function sealedName(): string {
  return randomBytes((SEALED_DEVICE_NAME_CHARS * 3) / 4).toString('base64url')
}

export function createDeviceKey(): string {
  return rawOf(generateKeyPairSync('ed25519').publicKey)
}

export function createEcdhKey(namedCurve = 'P-256'): string {
  return spkiOf(generateKeyPairSync('ec', { namedCurve }).publicKey)
}

export function spkiOf(key: KeyObject): string {
  return key.export({ format: 'der', type: 'spki' }).toString('base64url')
}

function rawOf(key: KeyObject): string {
  return key.export({ format: 'jwk' }).x ?? ''
}

function createIdentity() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return {
    publicKey: rawOf(publicKey),
    sign: (typ: string, payload: unknown): string => signWith(privateKey, typ, payload),
  }
}

function signWith(key: KeyObject, typ: string, payload: unknown): string {
  const signed = [{ alg: 'EdDSA', typ }, payload]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  const signature = sign(null, Buffer.from(signed), key)
  return `${signed}.${signature.toString('base64url')}`
}
