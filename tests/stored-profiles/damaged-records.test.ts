import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Change, COLLECTIONS, createMemoryStorage, type Storage } from '@sotto/sdk'
import { openSqliteStorage } from '@sotto/sdk/node'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestDevice } from '../network/device.ts'

/** Nothing listens there, so everything shown comes from the profile. */
const nowhere = { origin: 'http://127.0.0.1:9' }
const profile = new URL('profiles/1/', import.meta.url).pathname
let folder: string
/** Every record of the profile, in the current format. */
let records: readonly Extract<Change, { put: unknown }>[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-damaged-'))
  await cp(profile, folder, { recursive: true })
  const storage = openSqliteStorage(join(folder, 'device.db'))
  const device = await TestDevice.open(nowhere, 'migrates', { storage: { ...storage, close } })
  await device.close()
  records = await allRecords(storage)
  await storage.close()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function close() {}

async function allRecords(storage: Storage) {
  const found = COLLECTIONS.map(async (name) => {
    const entries = await storage.range(name, {})
    return entries.map(({ key, value }) => ({ put: name, key, value }))
  })
  return (await Promise.all(found)).flat()
}

/** Something else in the place of a record, or of one value inside it. */
const damage = fc.oneof(
  fc.record({ what: fc.constant('replaced' as const), by: fc.jsonValue({ maxDepth: 2 }) }),
  fc.record({ what: fc.constant('changed inside' as const), at: fc.nat(), by: fc.jsonValue() }),
  fc.record({ what: fc.constant('lost a member' as const), at: fc.nat() }),
)
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never

function damaged(value: unknown, how: Damage): unknown {
  if (how.what === 'replaced') return how.by
  const copy = structuredClone(value)
  const places = placesIn(copy)
  const place = places[how.at % places.length]
  if (!place) return null
  if (how.what === 'lost a member') delete place.holder[place.name]
  else place.holder[place.name] = how.by
  return copy
}

/** Every member of every object and list inside a value. */
function placesIn(value: unknown): { holder: Record<string, unknown>; name: string }[] {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return []
  const holder = value as Record<string, unknown>
  return Object.keys(holder).flatMap((name) => [{ holder, name }, ...placesIn(holder[name])])
}

test('opens with any one record damaged, and loses nothing else', async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat(), damage, async (which, how) => {
      const record = records[which % records.length]
      if (!record) throw new Error('the profile is empty')
      const raw = damaged(record.value, how)
      const storage: Storage = { ...createMemoryStorage(), keepsPrivateKeys: false }
      await storage.write(records.map((one) => (one === record ? { ...one, value: raw } : one)))

      const device = await TestDevice.open(nowhere, 'damaged', { storage }).catch(codeOf)
      if (!(device instanceof TestDevice)) {
        // Damage can look like a record of a newer version, which an older one leaves alone.
        expect(device).toBe('storage_newer')
        return
      }
      // Without a server the device stays at the start, where it has to ask how far the account is.
      const { stage } = device.session()
      if (stage === 'ready') device.client.snapshot({ view: 'conversations' })
      else expect(['starting', 'signed_out']).toContain(stage)
      await device.close()

      for (const { put: name, key, value } of records) {
        if (isDerived(name, key)) continue
        const now = await storage.get(name, key)
        if (name !== record.put || key !== record.key) {
          expect(withoutStanding(now)).toEqual(withoutStanding(value))
        } else if (now === undefined) {
          expect(await storage.get('damaged', `${name}/${key}`)).toEqual(raw)
        }
      }
    }),
    { numRuns: 60 },
  )
})

const codeOf = (error: unknown) => (error as { code?: unknown }).code ?? error

/** Without keys or profile the server is asked again how far the account is. */
function withoutStanding(record: unknown): unknown {
  return JSON.parse(JSON.stringify(record), (name, value) => (name === 'standing' ? null : value))
}

/** The cursor is dropped on purpose where the server has to list everything again. */
const isDerived = (name: string, key: string) => name === 'account' && key === 'cursor'
