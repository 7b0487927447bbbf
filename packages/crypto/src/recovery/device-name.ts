import { type AccountId, type DeviceId, DeviceName } from '@sotto/wire'
import { importAesGcmKey, openAesGcm, sealAesGcm } from '../aes-gcm.ts'
import { decodeBase64url, encodeBase64url } from '../base64url.ts'
import { type Bytes, utf8, uuidBytes } from '../bytes.ts'
import { DecryptError, orDecryptError } from '../errors.ts'
import { contextOf, hkdf, NO_SALT } from '../hkdf.ts'
import { bytesOf, type RootSecret } from './root-secret.ts'

/**
 * Every name is padded to this many bytes, so that the ciphertext's length reveals nothing about
 * it.
 */
const PADDED_BYTES = 200

/** The device that has the name. */
export interface NamedDevice {
  readonly account: AccountId
  readonly device: DeviceId
}

/**
 * Seals a device name for its credential. Only the account's own devices can open it (PROTOCOL.md
 * §4.6).
 */
export async function sealDeviceName(
  rootSecret: RootSecret,
  named: NamedDevice,
  name: string,
): Promise<string> {
  const { key, info } = await keyOf(rootSecret, named)
  return encodeBase64url(await sealAesGcm(key, info, pad(DeviceName.parse(name))))
}

/** Opens a device name. Throws `DecryptError`, including for a name that isn't allowed. */
export async function openDeviceName(
  rootSecret: RootSecret,
  named: NamedDevice,
  sealedName: string,
): Promise<string> {
  return orDecryptError(async () => {
    const { key, info } = await keyOf(rootSecret, named)
    return DeviceName.parse(unpad(await openAesGcm(key, info, decodeBase64url(sealedName))))
  })
}

/** The length in one byte, the name, then zeros. The longest name has 192 bytes. */
function pad(name: string): Bytes {
  const bytes = utf8(name)
  const padded = new Uint8Array(PADDED_BYTES)
  padded[0] = bytes.length
  padded.set(bytes, 1)
  return padded
}

function unpad(padded: Bytes): string {
  const [length = 0] = padded
  const end = 1 + length
  const isPadded = padded.length === PADDED_BYTES && end <= PADDED_BYTES
  if (!isPadded || padded.subarray(end).some((byte) => byte !== 0)) throw new DecryptError()
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(padded.subarray(1, end))
}

async function keyOf(rootSecret: RootSecret, { account, device }: NamedDevice) {
  const info = contextOf('device name', account, uuidBytes(device))
  const secret = bytesOf(rootSecret)
  const key = await hkdf('SHA-256', { secret, salt: NO_SALT, info }, 32)
  return { key: await importAesGcmKey(key), info }
}
