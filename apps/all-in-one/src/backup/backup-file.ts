import { createHash, type Hash } from 'node:crypto'
import { once } from 'node:events'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { createGunzip, createGzip, constants as zlib } from 'node:zlib'
import { StartError } from '@sotto/service-runtime'
import { z } from 'zod'
import type { Identity, Recipient } from './backup-keys.ts'
import { encrypted, openEncrypted } from './encryption.ts'
import { SecretFiles } from './secret-files.ts'

/**
 * A backup file: gzip, encrypted in the age format unless it was taken without a recipient. It
 * contains records of one byte for the kind, four for the length (big-endian), and the bytes. First
 * a `head`, then `secrets` if included, then for each table a `table` and its rows as `rows` in
 * PostgreSQL's text format of COPY, and last an `end` with the number of rows of each table, the
 * SHA-256 of the records of each part, and that of everything before it.
 */
const kinds = { head: 1, table: 2, rows: 3, end: 4, secrets: 5 } as const
type Kind = keyof typeof kinds

const name = z.string().regex(/^[a-z_][a-z0-9_]*$/)

const Head = z.strictObject({
  format: z.literal('sotto backup'),
  version: z.literal([1, 2]),
  /** ISO 8601. */
  takenAt: z.string(),
  /** The migrations that had run, by schema, with their hashes. */
  migrations: z.record(name, z.record(z.string(), z.string())),
})
/** The first record of a backup. */
export type BackupHead = z.infer<typeof Head>

const Table = z.strictObject({ schema: name, table: name, columns: z.array(name).min(1) })
/** A table and the columns whose values are in the backup. */
export type BackupTable = z.infer<typeof Table>

const sums = z.record(z.string(), z.string())
const End = z.strictObject({
  rows: z.record(z.string(), z.number()),
  /** The hash of each part, by name. */
  parts: sums.default({}),
  sha256: z.string(),
})

/** A record of a backup, as `readBackup` returns them in order. */
export type BackupRecord =
  | { readonly kind: 'head'; readonly head: BackupHead }
  | { readonly kind: 'secrets'; readonly files: SecretFiles }
  | { readonly kind: 'table'; readonly table: BackupTable }
  | { readonly kind: 'rows'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly rows: Readonly<Record<string, number>> }

/** Writes a backup. The file gets its name only in `finish`, after everything is on disk. */
export interface BackupWriter {
  head(head: Omit<BackupHead, 'format' | 'version'>): Promise<void>
  secrets(files: SecretFiles): Promise<void>
  table(table: BackupTable): Promise<void>
  rows(bytes: Uint8Array): Promise<void>
  finish(rows: Readonly<Record<string, number>>): Promise<void>
  /** Leaves nothing behind. */
  abandon(): Promise<void>
}

/** The hashes of a backup's records: of all, and of each part. */
class Sums {
  readonly #all = createHash('sha256')
  readonly #parts = new Map<string, Hash>()
  #part = createHash('sha256')

  /** The following records belong to another part. */
  begin(name: string): void {
    this.#part = createHash('sha256')
    this.#parts.set(name, this.#part)
  }

  add(bytes: Uint8Array): void {
    this.#all.update(bytes)
    this.#part.update(bytes)
  }

  get sha256(): string {
    return this.#all.copy().digest('hex')
  }

  get parts(): Record<string, string> {
    return Object.fromEntries(
      [...this.#parts].map(([name, hash]) => [name, hash.copy().digest('hex')]),
    )
  }
}

const nameOf = ({ schema, table }: BackupTable) => `${schema}.${table}`

/**
 * Starts a backup in `file`, which no other user can read, encrypted to `recipients` unless there
 * are none.
 */
export async function createBackupWriter(
  file: string,
  recipients: readonly Recipient[],
): Promise<BackupWriter> {
  const half = `${file}.part`
  const handle = await open(half, 'wx', 0o600)
  const gzip = createGzip({ level: 4 })
  const writing = encrypted(gzip, recipients).then((bytes) => writeAll(bytes, handle))
  // The waiting caller reports the error; until then, it must not end the process.
  writing.catch(() => {})
  const sums = new Sums()

  const write = async (kind: Kind, bytes: Uint8Array) => {
    const prefix = Buffer.alloc(PREFIX_BYTES)
    prefix.writeUInt8(kinds[kind], 0)
    prefix.writeUInt32BE(bytes.length, 1)
    for (const part of [prefix, bytes]) {
      if (kind !== 'end') sums.add(part)
      if (!gzip.write(part)) await Promise.race([once(gzip, 'drain'), writing])
    }
  }
  const writeJson = (kind: Kind, value: unknown) => write(kind, Buffer.from(JSON.stringify(value)))
  const beginPart = (name: string, kind: Kind, value: unknown) => {
    sums.begin(name)
    return writeJson(kind, value)
  }

  return {
    head: (head) => beginPart('head', 'head', { format: 'sotto backup', version: 2, ...head }),
    secrets: (files) => beginPart('secrets', 'secrets', files),
    table: (table) => beginPart(nameOf(table), 'table', table),
    rows: (bytes) => write('rows', bytes),
    async finish(rows) {
      const { parts, sha256 } = sums
      await writeJson('end', { rows, parts, sha256 })
      gzip.end()
      await writing
      await handle.sync()
      await handle.close()
      await rename(half, file)
    },
    async abandon() {
      gzip.destroy()
      await writing.catch(() => {})
      await handle.close().catch(() => {})
      await rm(half, { force: true })
    },
  }
}

async function writeAll(from: AsyncIterable<Uint8Array>, handle: FileHandle) {
  for await (const chunk of from) await handle.writeFile(chunk)
}

/**
 * Reads a backup record by record, with one of `identities` if it is encrypted. The last record is
 * returned only if the hashes match; a caller that must not act on a damaged file reads it through
 * once before. Throws StartError if it is not a complete backup.
 */
export async function* readBackup(
  file: string,
  identities: readonly Identity[],
): AsyncGenerator<BackupRecord> {
  const sums = new Sums()
  let isEnded = false
  try {
    for await (const { kind, prefix, bytes } of split(file, identities)) {
      if (isEnded) throw new StartError(`${file} has data after its end.`)
      if (kind === 'end') {
        const end = End.parse(parseJson(bytes))
        compare(file, sums, end)
        isEnded = true
        yield { kind, rows: end.rows }
        continue
      }
      const record = recordOf(kind, bytes)
      if (record.kind !== 'rows') sums.begin(record.kind === 'table' ? nameOf(record.table) : kind)
      sums.add(prefix)
      sums.add(bytes)
      yield record
    }
  } catch (error) {
    if (error instanceof StartError) throw error
    throw new StartError(`${file} is not a complete backup of Sotto.`)
  }
  if (!isEnded) throw new StartError(`${file} is truncated.`)
}

const parseJson = (bytes: Buffer): unknown => JSON.parse(bytes.toString())

function recordOf(kind: Exclude<Kind, 'end'>, bytes: Buffer): BackupRecord {
  switch (kind) {
    case 'rows':
      return { kind, bytes }
    case 'head':
      return { kind, head: Head.parse(parseJson(bytes)) }
    case 'secrets':
      return { kind, files: SecretFiles.parse(parseJson(bytes)) }
    case 'table':
      return { kind, table: Table.parse(parseJson(bytes)) }
  }
}

function compare(file: string, sums: Sums, { parts, sha256 }: z.infer<typeof End>) {
  if (sha256 === sums.sha256) return
  const damaged = Object.entries(sums.parts).flatMap(([name, sum]) =>
    parts[name] === sum ? [] : [name],
  )
  throw new StartError(`${file} is damaged (${damaged.join(', ')}).`)
}

const PREFIX_BYTES = 5

async function* split(file: string, identities: readonly Identity[]) {
  const stream = await openEncrypted(file, identities)
  const gunzip = createGunzip({ finishFlush: zlib.Z_FINISH })
  stream.on('error', (error) => gunzip.destroy(error))
  let left: Buffer = Buffer.alloc(0)
  for await (const chunk of stream.pipe(gunzip)) {
    left = left.length === 0 ? chunk : Buffer.concat([left, chunk])
    for (;;) {
      const length = left.length < PREFIX_BYTES ? 0 : left.readUInt32BE(1)
      if (left.length < PREFIX_BYTES + length || left.length < PREFIX_BYTES) break
      const kind = (Object.keys(kinds) as Kind[]).find((one) => kinds[one] === left[0])
      if (!kind) throw new StartError(`${file} is damaged.`)
      const prefix = left.subarray(0, PREFIX_BYTES)
      yield { kind, prefix, bytes: left.subarray(PREFIX_BYTES, PREFIX_BYTES + length) }
      left = left.subarray(PREFIX_BYTES + length)
    }
  }
  if (left.length > 0) throw new StartError(`${file} is truncated.`)
}
