import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createVaultKey, generateDeviceKey, vaultOpen, vaultSeal } from '@sotto/crypto'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createMemoryStorage } from '../../src/storage/adapters/memory-storage.ts'
import { openSqliteStorage } from '../../src/storage/adapters/sqlite-storage.ts'
import type { Storage } from '../../src/storage/storage.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-sdk-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe.each([
  ['memory', createMemoryStorage],
  ['SQLite', () => openSqliteStorage(join(folder, 'device.db'))],
])('%s', (_, open: () => Storage) => {
  test('returns a stored value, and nothing once it was removed', async () => {
    const storage = open()
    const value = { text: 'hello', bytes: new Uint8Array([1, 2]), list: [null, true, 1] }
    await storage.write([{ put: 'contacts', key: 'a', value }])

    expect(await storage.get('contacts', 'a')).toEqual(value)
    expect(await storage.get('log', 'a')).toBeUndefined()
    expect(await storage.getMany('contacts', ['b', 'a'])).toEqual([undefined, value])
    await storage.write([{ remove: 'contacts', key: 'a' }])
    expect(await storage.get('contacts', 'a')).toBeUndefined()
    await storage.close()
  })

  test('reads ranges from either end', async () => {
    const storage = open()
    const put = (key: string) => ({ put: 'log' as const, key, value: key })
    await storage.write(['b/2', 'a/1', 'b/1', 'b/3', 'c/1'].map(put))
    const keys = async (range: Parameters<Storage['range']>[1]) =>
      (await storage.range('log', range)).map(({ key }) => key)

    expect(await keys({})).toEqual(['a/1', 'b/1', 'b/2', 'b/3', 'c/1'])
    expect(await keys({ from: 'b/', below: 'b/~' })).toEqual(['b/1', 'b/2', 'b/3'])
    expect(await keys({ below: 'b/3', descending: true, limit: 2 })).toEqual(['b/2', 'b/1'])
    expect(await keys({ from: 'b/2', below: 'b/2' })).toEqual([])
    await storage.close()
  })

  test('makes all changes of a write or none of them', async () => {
    const storage = open()
    const impossible = { put: 'log', key: 'b', value: () => 'functions cannot be kept' } as const

    await expect(storage.write([{ put: 'log', key: 'a', value: 1 }, impossible])).rejects.toThrow()
    expect(await storage.range('log', {})).toEqual([])
    await storage.close()
  })

  test('keeps keys usable', async () => {
    const storage = open()
    const extractable = !storage.keepsPrivateKeys
    const vault = await createVaultKey({ extractable })
    const device = await generateDeviceKey({ extractable })
    await storage.write([
      { put: 'keys', key: 'vault', value: vault },
      { put: 'keys', key: 'device', value: device },
    ])

    const kept = (await storage.get('keys', 'vault')) as typeof vault
    const sealed = await vaultSeal(vault, 'a test', new Uint8Array([7]))
    expect(await vaultOpen(kept, 'a test', sealed)).toEqual(new Uint8Array([7]))
    const signer = (await storage.get('keys', 'device')) as typeof device
    const data = new Uint8Array([1])
    expect(await crypto.subtle.sign('Ed25519', signer.privateKey as CryptoKey, data)).toEqual(
      await crypto.subtle.sign('Ed25519', device.privateKey as CryptoKey, data),
    )
    await storage.close()
  })

  test('erases everything in one step', async () => {
    const storage = open()
    await storage.write([{ put: 'log', key: 'a', value: 1 }])
    await storage.erase()
    expect(await storage.range('log', {})).toEqual([])
    await storage.close()
  })
})

test('a SQLite file survives a restart, for its owner only and for one process', async () => {
  const file = join(folder, 'device.db')
  const first = openSqliteStorage(file)
  await first.write([{ put: 'account', key: 'a', value: 1 }])
  expect(() => openSqliteStorage(file)).toThrow()
  await first.close()

  const again = openSqliteStorage(file)
  expect(await again.get('account', 'a')).toBe(1)
  await again.close()
  for (const name of ['device.db', 'device.db.key']) {
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  }
})

test('a SQLite file stores keys encrypted, and refuses non-extractable ones', async () => {
  const storage = openSqliteStorage(join(folder, 'device.db'))
  const secret = 'a secret that must not be readable'
  await storage.write([{ put: 'keys', key: 'a', value: secret }])
  await expect(
    storage.write([{ put: 'keys', key: 'b', value: await createVaultKey() }]),
  ).rejects.toThrow()
  await storage.close()

  const bytes = await import('node:fs').then(({ readFileSync }) =>
    readFileSync(join(folder, 'device.db'), 'latin1'),
  )
  expect(bytes).not.toContain(secret)
})
