/** Converts `CryptoKey`s inside a value to plain data, for storages that hold only bytes. */

interface PackedKey {
  readonly packedKey: 'pkcs8' | 'raw'
  readonly algorithm: KeyAlgorithm
  readonly usages: KeyUsage[]
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** A copy of `value` with each key exported. Throws for a key that isn't extractable. */
export async function packKeys(value: unknown): Promise<unknown> {
  if (isKey(value)) return pack(value)
  return mapMembers(value, packKeys)
}

/** The reverse of `packKeys`. */
export async function unpackKeys(value: unknown): Promise<unknown> {
  if (isPacked(value)) {
    const { packedKey, bytes, algorithm, usages } = value
    return crypto.subtle.importKey(packedKey, bytes, algorithm, true, usages)
  }
  return mapMembers(value, unpackKeys)
}

async function pack(key: CryptoKey): Promise<PackedKey> {
  const packedKey = key.type === 'private' ? 'pkcs8' : 'raw'
  const bytes = new Uint8Array(await crypto.subtle.exportKey(packedKey, key))
  return { packedKey, algorithm: key.algorithm, usages: [...key.usages], bytes }
}

async function mapMembers(value: unknown, map: (member: unknown) => Promise<unknown>) {
  const isPlain = typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)
  if (!isPlain) return value
  if (Array.isArray(value)) return Promise.all(value.map(map))
  const members = Object.entries(value).map(async ([name, member]) => [name, await map(member)])
  return Object.fromEntries(await Promise.all(members))
}

function isKey(value: unknown): value is CryptoKey {
  return Object.prototype.toString.call(value) === '[object CryptoKey]'
}

function isPacked(value: unknown): value is PackedKey {
  return typeof value === 'object' && value !== null && 'packedKey' in value
}
