import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, rename, rm } from 'node:fs/promises'
import { createGunzip, createGzip, constants as zlib } from 'node:zlib'
import { z } from 'zod'
import { StartError } from '../start-error.ts'

/**
 * A backup file: gzip over records of one byte for the kind, four for the length, big-endian, and the
 * bytes. First a `head`; for each table a `table` and its rows as `rows`, in PostgreSQL's text format
 * of COPY; last an `end` with the number of rows of each table and the SHA-256 of all records before it.
 */
const kinds = { head: 1, table: 2, rows: 3, end: 4 } as const
type Kind = keyof typeof kinds

const name = z.string().regex(/^[a-z_][a-z0-9_]*$/)

const Head = z.strictObject({
  format: z.literal('sotto backup'),
  version: z.literal(1),
  /** ISO 8601. */
  takenAt: z.string(),
  /** The migrations that had run, by schema: names and hashes. */
  migrations: z.record(name, z.record(z.string(), z.string())),
})
/** What stands at the beginning of a backup. */
export type BackupHead = z.infer<typeof Head>

const Table = z.strictObject({ schema: name, table: name, columns: z.array(name).min(1) })
/** A table and those of its columns whose values are in the backup. */
export type BackupTable = z.infer<typeof Table>

const End = z.strictObject({ rows: z.record(z.string(), z.number()), sha256: z.string() })

/** One part of a backup, as `readBackup` gives them in their order. */
export type BackupRecord =
  | { readonly kind: 'head'; readonly head: BackupHead }
  | { readonly kind: 'table'; readonly table: BackupTable }
  | { readonly kind: 'rows'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly rows: Readonly<Record<string, number>> }

/** Writes a backup. Only `finish` gives the file its name, and only when everything is on the disk. */
export interface BackupWriter {
  head(head: Omit<BackupHead, 'format' | 'version'>): Promise<void>
  table(table: BackupTable): Promise<void>
  rows(bytes: Uint8Array): Promise<void>
  finish(rows: Readonly<Record<string, number>>): Promise<void>
  /** Leaves nothing behind. */
  abandon(): Promise<void>
}

/** Begins a backup in `file`, readable by nobody else. */
export async function createBackupWriter(file: string): Promise<BackupWriter> {
  const half = `${file}.part`
  const handle = await open(half, 'wx', 0o600)
  const gzip = createGzip({ level: 4 })
  const writing = writeAll(gzip, handle)
  // Reported by whoever waits for it; until then it must not end the process.
  writing.catch(() => {})
  const hash = createHash('sha256')

  const write = async (kind: Kind, bytes: Uint8Array) => {
    const prefix = Buffer.alloc(5)
    prefix.writeUInt8(kinds[kind], 0)
    prefix.writeUInt32BE(bytes.length, 1)
    for (const part of [prefix, bytes]) {
      if (kind !== 'end') hash.update(part)
      if (!gzip.write(part)) await Promise.race([once(gzip, 'drain'), writing])
    }
  }
  const writeJson = (kind: Kind, value: unknown) => write(kind, Buffer.from(JSON.stringify(value)))

  return {
    head: (head) => writeJson('head', { format: 'sotto backup', version: 1, ...head }),
    table: (table) => writeJson('table', table),
    rows: (bytes) => write('rows', bytes),
    async finish(rows) {
      await writeJson('end', { rows, sha256: hash.digest('hex') })
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
 * Reads a backup, record by record. The last one is given only when the hash is right; whoever must not
 * act on a damaged file reads it through once before. Throws StartError for what is no whole backup.
 */
export async function* readBackup(file: string): AsyncGenerator<BackupRecord> {
  const hash = createHash('sha256')
  let isEnded = false
  try {
    for await (const { kind, prefix, bytes } of split(file)) {
      if (isEnded) throw new StartError(`${file} goes on behind its end.`)
      if (kind === 'end') {
        const { rows, sha256 } = End.parse(JSON.parse(bytes.toString()))
        if (sha256 !== hash.digest('hex')) throw new StartError(`${file} is damaged.`)
        isEnded = true
        yield { kind, rows }
        continue
      }
      hash.update(prefix).update(bytes)
      if (kind === 'rows') yield { kind, bytes }
      else if (kind === 'head') yield { kind, head: Head.parse(JSON.parse(bytes.toString())) }
      else yield { kind, table: Table.parse(JSON.parse(bytes.toString())) }
    }
  } catch (error) {
    if (error instanceof StartError) throw error
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    throw new StartError(
      isMissing ? `There is no ${file}.` : `${file} is no whole backup of Sotto.`,
    )
  }
  if (!isEnded) throw new StartError(`${file} is cut off.`)
}

const PREFIX_BYTES = 5

async function* split(file: string) {
  const stream = createReadStream(file)
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
  if (left.length > 0) throw new StartError(`${file} is cut off.`)
}
