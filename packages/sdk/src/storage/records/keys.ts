import type {
  AccountKeys,
  DeviceKeyPair,
  EcdhKeyPair,
  IdentityKeyPair,
  RsaKeyPair,
  SigningKey,
  VaultKey,
} from '@sotto/crypto'
import { SealedBox } from '@sotto/wire'
import { z } from 'zod'
import type { Place, ShapeOf } from '../record-kind.ts'
import { StoredBytes, StoredKey } from './values.ts'

/** `CryptoKey`s, and secrets sealed under them. */

/** The private half of an Ed25519 key: WebCrypto's, or a sealed one if WebCrypto lacks Ed25519. */
const signingKey: z.ZodType<SigningKey> = z.union([
  StoredKey,
  z.strictObject({ sealedWith: StoredKey, sealedSeed: StoredBytes }),
])

const signingPair = <Kind extends string>(kind: Kind) =>
  z.strictObject({ kind: z.literal(kind), publicKey: StoredBytes, privateKey: signingKey })

const identity: z.ZodType<IdentityKeyPair> = signingPair('identity')
const device: z.ZodType<DeviceKeyPair> = signingPair('device')

const ecdh: z.ZodType<EcdhKeyPair> = z.strictObject({
  kind: z.literal('ecdh'),
  publicKey: StoredBytes,
  privateKey: StoredKey,
} satisfies ShapeOf<EcdhKeyPair>)

const rsa: z.ZodType<RsaKeyPair> = z.strictObject({
  kind: z.literal('rsa'),
  kid: z.string(),
  publicKey: StoredBytes,
  privateKey: StoredKey,
} satisfies ShapeOf<RsaKeyPair>)

const account: z.ZodType<AccountKeys> = z.strictObject({
  identity,
  ecdh: z.array(ecdh).min(1) as unknown as z.ZodType<AccountKeys['ecdh']>,
  rsa: z.array(rsa),
} satisfies ShapeOf<AccountKeys>)

const vault: z.ZodType<VaultKey> = z.strictObject({ kind: z.literal('vault'), key: StoredKey })

const place = <T>(key: string, schema: z.ZodType<T>): Place<T> => ({
  kind: { collection: 'keys', version: 2, schema },
  key,
})

export const VAULT_KEY = place('vault', vault)
/** Under the vault key. */
export const ROOT_SECRET = place('root-secret', StoredBytes)
/** OPAQUE's export key under the vault key, until the password wrap is made with it. */
export const EXPORT_KEY = place('export-key', StoredBytes)
export const ACCOUNT_KEYS = place('account', account)
/** OPAQUE's export key under the vault key, until the password wrap has been made with it. */
export const KEY_BOX = place<SealedBox>('box', SealedBox)
export const DEVICE_KEY = place('device', device)
