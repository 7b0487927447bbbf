import { encodeBase64url } from './base64url.ts'
import type { Bytes } from './bytes.ts'
import { type EcdhKeyPair, generateEcdhBytes, importEcdhKeyPair } from './ecdh/key-pair.ts'
import { CryptoError } from './errors.ts'
import {
  generateIdentityBytes,
  type IdentityKeyPair,
  importIdentityKey,
} from './identity/identity-key.ts'
import { contentsOf, KeyBox } from './recovery/key-box.ts'
import {
  generateRsaBytes,
  importRsaKeyPair,
  type RsaKeyBytes,
  type RsaKeyPair,
} from './rsa/key-pair.ts'

/** Loaded on demand: most people never use a key file. */
const keyFiles = () => import('./rsa/pem.ts')

/**
 * The keys of an account as an unlocked device holds them, with the current key of each kind first.
 */
export interface AccountKeys {
  readonly identity: IdentityKeyPair
  /** At least one. */
  readonly ecdh: readonly [EcdhKeyPair, ...EcdhKeyPair[]]
  /** Contains at least one. */
  readonly rsa: readonly RsaKeyPair[]
}

/** New keys for a new account, or for an account that replaces its keys. */
export async function createAccountKeys(options: { withRsa: boolean }): Promise<KeyBox> {
  return new KeyBox({
    v: 1,
    identity: await generateIdentityBytes(),
    ecdh: [await generateEcdhBytes()],
    rsa: options.withRsa ? [await generateRsaBytes()] : [],
  })
}

/** Imports all keys as non-extractable: the form in which a device stores and uses them. */
export async function keysOf(keyBox: KeyBox): Promise<AccountKeys> {
  const { identity, ecdh, rsa } = contentsOf(keyBox)
  const [current, ...past] = await Promise.all(
    ecdh.map(({ publicKey, privateKey }) => importEcdhKeyPair(publicKey, privateKey)),
  )
  if (!current) throw new RangeError('The key box contains no ecdh key')
  return {
    identity: await importIdentityKey(identity),
    ecdh: [current, ...past],
    rsa: await Promise.all(rsa.map(importRsaKeyPair)),
  }
}

/** The current public keys, as in an account record. */
export function publicKeysOf(keys: AccountKeys) {
  const [rsa] = keys.rsa
  return {
    identityKey: encodeBase64url(keys.identity.publicKey),
    ecdhKey: encodeBase64url(keys.ecdh[0].publicKey),
    rsaKey: rsa ? encodeBase64url(rsa.publicKey) : null,
  }
}

/** The same keys plus a new current RSA key. The former RSA keys remain, to open old messages. */
export async function withNewRsaKey(keyBox: KeyBox): Promise<KeyBox> {
  return withRsaKey(keyBox, await generateRsaBytes())
}

/** The same keys with the RSA key from a file as the current one. Throws `KeyFileError`. */
export async function withImportedRsaKey(
  keyBox: KeyBox,
  file: string | Bytes,
  passphrase: string | null,
): Promise<KeyBox> {
  const { readPrivateKeyFile } = await keyFiles()
  return withRsaKey(keyBox, await readPrivateKeyFile(file, passphrase))
}

/**
 * The current RSA key as a PEM file that openssl reads: encrypted, or in plaintext if `passphrase`
 * is null. Throws `no_rsa_key`.
 */
export async function rsaKeyToPem(keyBox: KeyBox, passphrase: string | null): Promise<string> {
  const [current] = contentsOf(keyBox).rsa
  if (!current) throw new CryptoError('no_rsa_key')
  const { writePrivateKeyFile } = await keyFiles()
  return writePrivateKeyFile(current.privateKey, passphrase)
}

/** The keys of a box, followed by those that only `other`, a box of the same account, contains. */
export function withKeysOf(keyBox: KeyBox, other: KeyBox): KeyBox {
  const contents = contentsOf(keyBox)
  const others = contentsOf(other)
  return new KeyBox({
    ...contents,
    ecdh: joined(contents.ecdh, others.ecdh),
    rsa: joined(contents.rsa, others.rsa),
  })
}

function joined<Pair extends { readonly publicKey: Uint8Array }>(
  pairs: readonly Pair[],
  others: readonly Pair[],
): Pair[] {
  const known = new Set(pairs.map(({ publicKey }) => encodeBase64url(publicKey)))
  return [...pairs, ...others.filter(({ publicKey }) => !known.has(encodeBase64url(publicKey)))]
}

function withRsaKey(keyBox: KeyBox, key: RsaKeyBytes): KeyBox {
  const contents = contentsOf(keyBox)
  const id = encodeBase64url(key.publicKey)
  const others = contents.rsa.filter(({ publicKey }) => encodeBase64url(publicKey) !== id)
  return new KeyBox({ ...contents, rsa: [key, ...others] })
}
