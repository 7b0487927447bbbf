import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  diffieHellman,
  hkdfSync,
  KeyObject,
  privateDecrypt,
  publicEncrypt,
  sign,
  verify,
} from 'node:crypto'

/**
 * WebCrypto without the detour through a thread pool, for the few algorithms that messages need: otherwise thousands of
 * schedules would spend most of their time on it. Undefined for everything else.
 */
export function quickly(name: string, args: readonly unknown[]): unknown {
  const [algorithm, ...rest] = args as [AlgorithmIdentifier, ...never[]]
  if (name === 'importKey') return importedPublicKey(args)
  const what = `${name} ${nameOf(algorithm)}`
  const compute = quick[what]
  if (!compute) return undefined
  return slow.has(what)
    ? once(args, () => compute(algorithm as never, ...rest))
    : compute(algorithm as never, ...rest)
}

/** Operations whose result is cached: the same key and bytes give the same result. */
const slow: ReadonlySet<string> = new Set(['verify Ed25519', 'decrypt RSA-OAEP'])
const computed = new WeakMap<CryptoKey, Map<string, unknown>>()

function once([, key, ...data]: readonly unknown[], compute: () => unknown): unknown {
  const known = computed.get(key as CryptoKey) ?? new Map<string, unknown>()
  computed.set(key as CryptoKey, known)
  const name = data.map((one) => textOf(one as Input)).join(' ')
  if (!known.has(name)) known.set(name, compute())
  const value = known.get(name)
  return value instanceof ArrayBuffer ? value.slice() : value
}

const publicKeys = new Map<string, CryptoKey>()

/** Public keys that were imported before; undefined for others, which are remembered later. */
function importedPublicKey(args: readonly unknown[]): CryptoKey | undefined {
  return publicKeys.get(nameOfImport(args))
}

/** Remembers a public key, so that results computed with it are found again. */
export function rememberKey(args: readonly unknown[], key: unknown): void {
  if (key instanceof CryptoKey && key.type === 'public') publicKeys.set(nameOfImport(args), key)
}

function nameOfImport([format, data, algorithm, ...rest]: readonly unknown[]): string {
  if (typeof data !== 'object' || data === null || !('byteLength' in data)) return ''
  return JSON.stringify([format, textOf(data as Input), algorithm, rest])
}

function textOf(data: Input): string {
  return Buffer.from(bytesOf(data)).toString('latin1')
}

type Input = ArrayBuffer | ArrayBufferView

const quick: Record<string, ((...args: never[]) => unknown) | undefined> = {
  'digest SHA-256': (_: unknown, data: Input) => hash('sha256', data),
  'digest SHA-512': (_: unknown, data: Input) => hash('sha512', data),
  'sign HMAC': (_: unknown, key: CryptoKey, data: Input) =>
    bufferOf(createHmac(hashOf(key), objectOf(key)).update(bytesOf(data)).digest()),
  'sign Ed25519': (_: unknown, key: CryptoKey, data: Input) =>
    bufferOf(sign(null, bytesOf(data), objectOf(key))),
  'verify Ed25519': (_: unknown, key: CryptoKey, signature: Input, data: Input) =>
    verify(null, bytesOf(data), objectOf(key), bytesOf(signature)),
  'encrypt AES-GCM': sealGcm,
  'decrypt AES-GCM': openGcm,
  'encrypt AES-CBC': ({ iv }: AesCbcParams, key: CryptoKey, data: Input) => {
    const cipher = createCipheriv('aes-256-cbc', objectOf(key), bytesOf(iv as Input))
    return bufferOf(Buffer.concat([cipher.update(bytesOf(data)), cipher.final()]))
  },
  'decrypt AES-CBC': ({ iv }: AesCbcParams, key: CryptoKey, data: Input) => {
    const cipher = createDecipheriv('aes-256-cbc', objectOf(key), bytesOf(iv as Input))
    return bufferOf(Buffer.concat([cipher.update(bytesOf(data)), cipher.final()]))
  },
  'encrypt RSA-OAEP': (_: unknown, key: CryptoKey, data: Input) =>
    bufferOf(publicEncrypt({ key: objectOf(key), oaepHash: 'sha256' }, bytesOf(data))),
  'decrypt RSA-OAEP': (_: unknown, key: CryptoKey, data: Input) =>
    bufferOf(privateDecrypt({ key: objectOf(key), oaepHash: 'sha256' }, bytesOf(data))),
  'deriveBits HKDF': ({ hash: name, salt, info }: HkdfParams, key: CryptoKey, bits: number) =>
    hkdfSync(
      plainName(nameOf(name)),
      objectOf(key),
      bytesOf(salt as Input),
      bytesOf(info as Input),
      bits / 8,
    ),
  'deriveBits ECDH': ({ public: peer }: EcdhKeyDeriveParams, key: CryptoKey) =>
    bufferOf(diffieHellman({ privateKey: objectOf(key), publicKey: objectOf(peer) })),
}

function sealGcm({ iv, additionalData }: AesGcmParams, key: CryptoKey, data: Input): ArrayBuffer {
  const cipher = createCipheriv('aes-256-gcm', objectOf(key), bytesOf(iv as Input))
  if (additionalData) cipher.setAAD(bytesOf(additionalData as Input))
  const sealed = [cipher.update(bytesOf(data)), cipher.final()]
  return bufferOf(Buffer.concat([...sealed, cipher.getAuthTag()]))
}

function openGcm({ iv, additionalData }: AesGcmParams, key: CryptoKey, data: Input): ArrayBuffer {
  const all = bytesOf(data)
  const options = { authTagLength: 16 }
  const cipher = createDecipheriv('aes-256-gcm', objectOf(key), bytesOf(iv as Input), options)
  if (additionalData) cipher.setAAD(bytesOf(additionalData as Input))
  cipher.setAuthTag(all.subarray(-16))
  return bufferOf(Buffer.concat([cipher.update(all.subarray(0, -16)), cipher.final()]))
}

function hash(name: string, data: Input): ArrayBuffer {
  return bufferOf(createHash(name).update(bytesOf(data)).digest())
}

const objects = new WeakMap<CryptoKey, KeyObject>()

function objectOf(key: CryptoKey): KeyObject {
  const known = objects.get(key)
  if (known) return known
  const object = KeyObject.from(key)
  objects.set(key, object)
  return object
}

function hashOf({ algorithm }: CryptoKey): string {
  return plainName((algorithm as HmacKeyAlgorithm).hash.name)
}

function plainName(name: string): string {
  return name.replace('-', '').toLowerCase()
}

function nameOf(algorithm: AlgorithmIdentifier): string {
  return typeof algorithm === 'string' ? algorithm : algorithm.name
}

function bytesOf(data: Input): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}

function bufferOf(bytes: Buffer): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
