import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { deserialize, serialize } from 'node:v8'
import { ClientError } from '../../api/errors.ts'
import { createSerial } from '../../scheduling/serial.ts'
import type { Change, Collection, KeyRange, Storage, StoredEntry } from '../storage.ts'
import { packKeys, unpackKeys } from './pack-keys.ts'

/**
 * Keeps everything in a SQLite file, for bots and terminals that restart.
 *
 * Node can't store a non-extractable key, so the two keys that a device keeps (its vault key and its signing key) are
 * extractable here, and encrypted in the file under a separate key from `<file>.key`. Only the owner can read either
 * file. An attacker who can read both can read and write as this device, so keep `<file>.key` elsewhere (`keyFile`),
 * for example on a disk that isn't backed up. Messages are stored unencrypted.
 *
 * Only one process can use the file: a second one fails to open it.
 */
export function openSqliteStorage(file: string, keyFile: string = `${file}.key`): Storage {
  const secret = loadSecret(keyFile)
  makePrivate(file)
  const database = openDatabase(file)
  const inTurn = createSerial()
  const select = database.prepare('select value from records where collection = ? and key = ?')
  const ascending = database.prepare(`
    select key, value from records where collection = ? and key >= ? and key < ?
    order by key limit ?`)
  const descending = database.prepare(`
    select key, value from records where collection = ? and key >= ? and key < ?
    order by key desc limit ?`)
  const upsert = database.prepare('insert or replace into records values (?, ?, ?)')
  const remove = database.prepare('delete from records where collection = ? and key = ?')
  const open = (name: Collection, value: unknown) => openValue(secret, name, value as Uint8Array)

  const get = async (name: Collection, key: string) => {
    const row = select.get(name, key)
    return row && open(name, row.value)
  }
  return {
    keepsPrivateKeys: false,
    get,
    getMany: (name, keys) => Promise.all(keys.map((key) => get(name, key))),
    range: async (name, range: KeyRange) => {
      const { from = '', below = AFTER_ALL_KEYS, limit = NO_LIMIT } = range
      const rows = (range.descending ? descending : ascending).all(name, from, below, limit)
      const entries = rows.map(async ({ key, value }): Promise<StoredEntry> => {
        return { key: String(key), value: await open(name, value) }
      })
      return Promise.all(entries)
    },
    write: (changes) =>
      inTurn(async () => {
        const steps = await Promise.all(changes.map((change) => sealed(secret, change)))
        inTransaction(database, () => {
          for (const { name, key, value } of steps) {
            if (value) upsert.run(name, key, value)
            else remove.run(name, key)
          }
        })
      }),
    erase: () => inTurn(async () => database.exec('delete from records; vacuum')),
    close: () => inTurn(async () => database.close()),
  }
}

const AFTER_ALL_KEYS = '\u{10ffff}'
const NO_LIMIT = -1

function openDatabase(file: string): DatabaseSync {
  const database = new DatabaseSync(file)
  // `full`: a counter lost in a power failure would be used twice. `secure_delete`: removed data is overwritten.
  database.exec(`
    pragma locking_mode = exclusive;
    pragma journal_mode = wal;
    pragma synchronous = full;
    pragma secure_delete = on;
    create table if not exists records (
      collection text not null, key text not null, value blob not null,
      primary key (collection, key)) without rowid`)
  return database
}

function inTransaction(database: DatabaseSync, act: () => void): void {
  database.exec('begin immediate')
  try {
    act()
    database.exec('commit')
  } catch (error) {
    // A full disk has already ended the transaction.
    if (database.isTransaction) database.exec('rollback')
    throw isFull(error) ? new ClientError('storage_full', undefined, { cause: error }) : error
  }
}

const SQLITE_FULL = 13

function isFull(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && error.errcode === SQLITE_FULL
}

interface Step {
  readonly name: Collection
  readonly key: string
  /** Undefined removes. */
  readonly value: Uint8Array | undefined
}

async function sealed(secret: Uint8Array, change: Change): Promise<Step> {
  if ('remove' in change) return { name: change.remove, key: change.key, value: undefined }
  const { put: name, key } = change
  if (name !== 'keys') return { name, key, value: serialize(change.value) }
  return { name, key, value: seal(secret, serialize(await packKeys(change.value))) }
}

async function openValue(secret: Uint8Array, name: Collection, value: Uint8Array) {
  if (name !== 'keys') return deserialize(value)
  return unpackKeys(deserialize(unseal(secret, value)))
}

const CIPHER = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16

function seal(secret: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, secret, iv)
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed])
}

function unseal(secret: Uint8Array, sealed: Uint8Array): Uint8Array {
  const ivEnd = IV_BYTES + TAG_BYTES
  const decipher = createDecipheriv(CIPHER, secret, sealed.subarray(0, IV_BYTES))
  decipher.setAuthTag(sealed.subarray(IV_BYTES, ivEnd))
  return Buffer.concat([decipher.update(sealed.subarray(ivEnd)), decipher.final()])
}

const SECRET_BYTES = 32

/** The file's key, created at the first start. */
function loadSecret(keyFile: string): Uint8Array {
  try {
    // `wx`: if two processes start at the same time, only one creates it.
    const handle = openSync(keyFile, 'wx', 0o600)
    writeSync(handle, randomBytes(SECRET_BYTES))
    closeSync(handle)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const secret = readFileSync(keyFile)
  if (secret.length !== SECRET_BYTES) throw new Error(`${keyFile} is damaged`)
  return secret
}

function makePrivate(file: string): void {
  closeSync(openSync(file, 'a', 0o600))
}
