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

/** Loaded when it is needed: most people never use a key file. */
const keyFiles = () => import('./rsa/pem.ts')

/** The keys of an account as an unlocked device holds them, the current one of each kind first. */
export interface AccountKeys {
  readonly identity: IdentityKeyPair
  /** At least one. */
  readonly ecdh: readonly [EcdhKeyPair, ...EcdhKeyPair[]]
  /** Empty while the account has none. */
  readonly rsa: readonly RsaKeyPair[]
}

/** New keys for a new account, or for one that gives up its old keys. */
export async function createAccountKeys(options: { withRsa: boolean }): Promise<KeyBox> {
  return new KeyBox({
    v: 1,
    identity: await generateIdentityBytes(),
    ecdh: [await generateEcdhBytes()],
    rsa: options.withRsa ? [await generateRsaBytes()] : [],
  })
}

/** Imports all keys, non-extractable: what a device stores and works with. */
export async function keysOf(keyBox: KeyBox): Promise<AccountKeys> {
  const { identity, ecdh, rsa } = contentsOf(keyBox)
  const [current, ...past] = await Promise.all(
    ecdh.map(({ publicKey, privateKey }) => importEcdhKeyPair(publicKey, privateKey)),
  )
  if (!current) throw new RangeError('no ecdh key')
  return {
    identity: await importIdentityKey(identity),
    ecdh: [current, ...past],
    rsa: await Promise.all(rsa.map(importRsaKeyPair)),
  }
}

/** The current public keys as an account record holds them. */
export function publicKeysOf(keys: AccountKeys) {
  const [rsa] = keys.rsa
  return {
    identityKey: encodeBase64url(keys.identity.publicKey),
    ecdhKey: encodeBase64url(keys.ecdh[0].publicKey),
    rsaKey: rsa ? encodeBase64url(rsa.publicKey) : null,
  }
}

/** The same keys with a new current RSA key; the former ones stay, for old messages. */
export async function withNewRsaKey(keyBox: KeyBox): Promise<KeyBox> {
  return withRsaKey(keyBox, await generateRsaBytes())
}

/** The same keys with the RSA key of a file as the current one. Throws `KeyFileError`. */
export async function withImportedRsaKey(
  keyBox: KeyBox,
  file: string | Bytes,
  passphrase: string | null,
): Promise<KeyBox> {
  const { readPrivateKeyFile } = await keyFiles()
  return withRsaKey(keyBox, await readPrivateKeyFile(file, passphrase))
}

/**
 * The current RSA key as a PEM file that openssl reads: encrypted, or in the clear when `passphrase`
 * is null. Throws `no_rsa_key`.
 */
export async function rsaKeyToPem(keyBox: KeyBox, passphrase: string | null): Promise<string> {
  const [current] = contentsOf(keyBox).rsa
  if (!current) throw new CryptoError('no_rsa_key')
  const { writePrivateKeyFile } = await keyFiles()
  return writePrivateKeyFile(current.privateKey, passphrase)
}

/** The keys of a box of the same account, and behind them those that only `other` has. */
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
