import {
  decodeBase64url,
  openBox,
  parseRecoveryCode,
  type RootSecret,
  unwrapRootSecret,
} from '@sotto/crypto'
import type { Sql } from '@sotto/service-runtime'
import type { Person } from './people.ts'

/** The secrets of an account that exist as bytes, by name. */
export type AccountSecrets = Readonly<Record<string, Uint8Array>>

type Owner = Pick<Person, 'accountId' | 'recoveryCode'>

/** Opens the root secret from the server's data, as only the recovery code can. */
export async function openRootSecret(sql: Sql, owner: Owner): Promise<RootSecret> {
  const code = await parseRecoveryCode(owner.recoveryCode)
  const ciphertext = await readWrap(sql, owner)
  const kind = 'recovery_code'
  return unwrapRootSecret({ kind, ciphertext }, { kind, code }, owner.accountId)
}

/** Opens all secrets of an account from the server's data. */
export async function openSecrets(sql: Sql, owner: Owner): Promise<AccountSecrets> {
  const { accountId } = owner
  const [box] = await sql<{ version: number; ciphertext: string }[]>`
    select version, ciphertext from chat.boxes
    where account_id = ${accountId} and name = 'keys'`
  if (!box) throw new Error('The account has no box')
  const rootSecret = await openRootSecret(sql, owner)
  const keys = await openBox(rootSecret, { account: accountId, name: 'keys' }, { ...box })
  return {
    'root secret': await openWrap(await readWrap(sql, owner), owner.recoveryCode, accountId),
    ...(await privateKeysIn(JSON.parse(new TextDecoder().decode(keys)))),
  }
}

async function readWrap(sql: Sql, { accountId }: Owner): Promise<string> {
  const [wrap] = await sql<{ ciphertext: string }[]>`
    select ciphertext from auth.wraps
    where account_id = ${accountId} and kind = 'recovery_code'`
  if (!wrap) throw new Error('The account has no wrap')
  return wrap.ciphertext
}

interface KeyBoxContents {
  identity: string
  ecdh: { privateKey: string }[]
  rsa: { privateKey: string }[]
}

const IDENTITY = { name: 'Ed25519' }
const ECDH = { name: 'ECDH', namedCurve: 'P-256' }
const RSA = { name: 'RSA-OAEP', hash: 'SHA-256' }

async function privateKeysIn({ identity, ecdh, rsa }: KeyBoxContents): Promise<AccountSecrets> {
  const parts = await Promise.all([
    privateKey('identity key', IDENTITY, ['sign'], identity),
    ...ecdh.map((pair, n) => privateKey(`ecdh key ${n}`, ECDH, ['deriveBits'], pair.privateKey)),
    ...rsa.map((pair, n) => privateKey(`rsa key ${n}`, RSA, ['decrypt'], pair.privateKey)),
  ])
  return Object.assign({}, ...parts)
}

/** A private key as PKCS#8, and its secret numbers. */
async function privateKey(
  name: string,
  algorithm: { name: string },
  usages: KeyUsage[],
  text: string,
): Promise<AccountSecrets> {
  const pkcs8 = decodeBase64url(text)
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, usages)
  const { d, p, q } = await crypto.subtle.exportKey('jwk', key)
  const numbers = Object.entries({ d, p, q }).flatMap(([member, value]) =>
    value === undefined ? [] : [[`${name}, ${member}`, decodeBase64url(value)]],
  )
  return { [name]: pkcs8, ...Object.fromEntries(numbers) }
}

/** The bytes of the root secret, which the crypto package never exports: PROTOCOL.md §4 by hand. */
async function openWrap(ciphertext: string, code: string, accountId: string) {
  const encode = (text: string) => new TextEncoder().encode(text)
  const sealed = decodeBase64url(ciphertext)
  const id = Buffer.from(accountId.replaceAll('-', ''), 'hex')
  const info = new Uint8Array([...encode('sotto/1 wrap recovery_code\0'), ...id])
  const input = encode(code.replaceAll('-', '').slice(0, 30))
  const material = await crypto.subtle.importKey('raw', input, 'HKDF', false, ['deriveKey'])
  const hkdf = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info }
  const aes = { name: 'AES-GCM', length: 256 }
  const key = await crypto.subtle.deriveKey(hkdf, material, aes, false, ['decrypt'])
  const opened = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: sealed.subarray(0, 12), additionalData: info },
    key,
    sealed.subarray(12),
  )
  return new Uint8Array(opened)
}
