import postgres from 'postgres'

/** A place where something was found that nobody between two people may see. */
export interface Sighting {
  readonly place: string
  readonly encoding: string
}

type Needle = { encoding: string; text: string }

/** Every way in which a secret may be written down. */
function needlesOf(secret: string | Uint8Array): Needle[] {
  const bytes = typeof secret === 'string' ? new TextEncoder().encode(secret) : secret
  const buffer = Buffer.from(bytes)
  const needles = [
    { encoding: 'hex', text: buffer.toString('hex') },
    { encoding: 'hex, upper case', text: buffer.toString('hex').toUpperCase() },
    { encoding: 'comma-separated bytes', text: [...bytes].join(',') },
  ]
  // Inside a longer text the base64 of a secret starts at one of three bit positions; the
  // characters that share bits with a neighbour are left out.
  for (const offset of [0, 1, 2]) {
    const encoded = Buffer.concat([Buffer.alloc(offset), buffer]).toString('base64url')
    const start = [0, 2, 3][offset] ?? 0
    const end = Math.floor(((offset + bytes.length) * 8) / 6)
    const text = encoded.slice(start, end)
    needles.push({ encoding: 'base64url', text })
    needles.push({ encoding: 'base64', text: text.replaceAll('-', '+').replaceAll('_', '/') })
  }
  if (typeof secret === 'string') {
    needles.push({ encoding: 'plain', text: secret })
    needles.push({ encoding: 'JSON', text: JSON.stringify(secret).slice(1, -1) })
  }
  return needles.filter(({ text }) => text.length >= 6)
}

/** What there is to search, besides the database. */
export interface WiretapSources {
  readonly databaseUrl: string
  /** Everything that was logged and printed. */
  readonly logs: () => string
  /** Every recorded frame, request and answer. */
  readonly traffic: () => readonly string[]
}

/** Searches every table, every log line and every recorded frame for something secret. */
export class Wiretap {
  #sources: WiretapSources

  constructor(sources: WiretapSources) {
    this.#sources = sources
  }

  async find(secret: string | Uint8Array): Promise<Sighting[]> {
    const places = [
      ...(await this.#tables()),
      { place: 'logs', text: this.#sources.logs() },
      ...this.#sources.traffic().map((text, n) => ({ place: `traffic ${n}`, text })),
    ]
    const needles = needlesOf(secret)
    return places.flatMap(({ place, text }) =>
      needles
        .filter((needle) => text.includes(needle.text))
        .map(({ encoding }) => ({ place, encoding })),
    )
  }

  /** Each table as text: the rows as PostgreSQL prints them, and every bytea once more as hex. */
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
