import postgres from 'postgres'
import type { Recorded } from './tampering-proxy.ts'

/** A place where a secret between two people was found. */
export interface Sighting {
  readonly place: string
  readonly encoding: string
}

interface Needle {
  readonly encoding: string
  readonly isIn: (text: string) => boolean
}

/** Every encoding in which a secret may appear. */
function needlesOf(secret: string | Uint8Array): Needle[] {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  const needles = [...encodingsOf(bytes), ...(typeof secret === 'string' ? writingsOf(secret) : [])]
  return needles
    .filter(({ text }) => text.length >= MIN_NEEDLE_CHARS)
    .map(({ encoding, text }) => ({ encoding, isIn: finder(text) }))
}

const MIN_NEEDLE_CHARS = 6

function encodingsOf(bytes: Uint8Array) {
  const buffer = Buffer.from(bytes)
  const encodings = [
    { encoding: 'hex', text: buffer.toString('hex') },
    { encoding: 'hex, upper case', text: buffer.toString('hex').toUpperCase() },
    { encoding: 'comma-separated bytes', text: [...bytes].join(',') },
  ]
  // Inside a longer text the base64 of a secret starts at one of three bit offsets; the characters
  // that share bits with a neighbor are left out.
  for (const offset of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(offset), buffer]).toString('base64url')
    const start = [0, 2, 3][offset] ?? 0
    const end = Math.floor(((offset + bytes.length) * 8) / 6)
    const text = encoded.slice(start, end)
    encodings.push({ encoding: 'base64url', text })
    encodings.push({ encoding: 'base64', text: text.replaceAll('-', '+').replaceAll('_', '/') })
  }
  return encodings
}

function writingsOf(secret: string) {
  return [
    { encoding: 'plain', text: secret },
    { encoding: 'JSON', text: JSON.stringify(secret).slice(1, -1) },
    { encoding: 'percent', text: encodeURIComponent(secret) },
  ]
}

/** Any long number or hash may contain six digits, so they count only as a separate word. */
function finder(needle: string): (text: string) => boolean {
  if (!/^\d+$/.test(needle)) return (text) => text.includes(needle)
  const word = new RegExp(`(?<![0-9A-Za-z])${needle}(?![0-9A-Za-z])`)
  return (text) => word.test(text)
}

/** What to search, besides the database. */
export interface WiretapSources {
  readonly databaseUrl: string
  /** Everything that was logged or printed. */
  readonly logs: () => string
  /** Every recorded frame, request and answer. */
  readonly traffic: () => readonly Recorded[]
}

/** Searches every table, every log line and every recorded frame for a secret. */
export class Wiretap {
  #sources: WiretapSources

  constructor(sources: WiretapSources) {
    this.#sources = sources
  }

  /** Where the secret was found, and in which encoding. */
  async find(secret: string | Uint8Array): Promise<Sighting[]> {
    const places = [
      ...(await this.#tables()),
      { place: 'logs', text: this.#sources.logs() },
      ...this.#sources.traffic().map(({ what, text }) => ({ place: what, text })),
    ]
    const needles = needlesOf(secret)
    return places.flatMap(({ place, text }) =>
      needles.filter(({ isIn }) => isIn(text)).map(({ encoding }) => ({ place, encoding })),
    )
  }

  /** Each table as text: the rows as PostgreSQL prints them, with every bytea as hex. */
  async #tables(): Promise<{ place: string; text: string }[]> {
    const sql = postgres(this.#sources.databaseUrl, { max: 1, onnotice: () => {} })
    try {
      const tables = await sql<{ schema: string; name: string }[]>`
        select schemaname as schema, tablename as name from pg_tables
        where schemaname not in ('pg_catalog', 'information_schema')`
      const contents = []
      for (const { schema, name } of tables) {
        const rows = await sql<{ row: string }[]>`
          select t::text as row from ${sql(schema)}.${sql(name)} t`
        contents.push({
          place: `table ${schema}.${name}`,
          text: rows.map(({ row }) => row).join('\n'),
        })
      }
      return contents
    } finally {
      await sql.end()
    }
  }
}
