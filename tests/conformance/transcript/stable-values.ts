const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
const UUIDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g
const STATEMENT = /^eyJ[\w-]+\.[\w-]+\.[\w-]{86}$/
const COMPACT_JWE = /^eyJ[\w-]+\.\.[\w-]+\.[\w-]+\.[\w-]+$/

/** Placeholders for values that differ in each run, by member name. */
const kinds: Readonly<Record<string, string>> = {
  challengeId: 'challenge',
  session_id: 'session',
  sessionId: 'session',
  access_token: 'access token',
  token: 'access token',
  refresh_token: 'refresh token',
  known_device: 'known device',
  code: 'code',
  era: 'era',
  kid: 'kid',
  sha256: 'SHA-256 of what is written',
}
/** Placeholders for opaque values that may or may not repeat. */
const cursors = /^(cursor|since)$/
/** Lists whose order is arbitrary. */
const unordered = /^(participants|accounts)$/
const statementKinds: Readonly<Record<string, string>> = {
  'sotto-account+jws': 'account record',
  'sotto-device+jws': 'credential',
  'sotto-manifest+jws': 'manifest',
  'sotto-proof+jws': 'proof',
  'sotto-write+jws': 'signed write',
}
const WRAP_BYTES = 60
const moments = /^(issuedAt|sentAt|acceptedAt|createdAt|expiresAt|startedAt|lastUsedAt|at)$/

/**
 * Replaces random values with stable words and leaves everything else as it was sent. An unknown value fails, so that a
 * transcript can't differ between runs unnoticed.
 */
export class StableValues {
  readonly #names = new Map<string, string>()
  readonly #counts = new Map<string, number>()
  readonly #statements: { name: string; payload: unknown }[] = []

  /** Sets the name under which a value is shown. */
  name(value: string, name: string): void {
    this.#names.set(value, `<${name}>`)
  }

  /** The payloads of statements found since the last call. */
  takeStatements(): { name: string; payload: unknown }[] {
    return this.#statements.splice(0)
  }

  /** A JSON value with stable words in it. */
  of(value: unknown, member = ''): unknown {
    if (Array.isArray(value)) {
      const items = value.map((item) => this.of(item, member))
      return unordered.test(member) ? items.toSorted(byAccount) : items
    }
    if (typeof value === 'number') return moments.test(member) ? '<time>' : value
    if (typeof value === 'string') return this.#text(value, member)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, this.of(one, name)]),
    )
  }

  /** A path with its query. */
  path(path: string): string {
    const [route = '', query] = path.split('?')
    const stable = route.replace(UUIDS, (id) => this.#known(id))
    if (query === undefined) return stable
    const pairs = [...new URLSearchParams(query)]
    return `${stable}?${pairs.map(([name, value]) => `${name}=${this.of(value, name)}`).join('&')}`
  }

  #text(text: string, member: string): string {
    const known = this.#names.get(text)
    if (known !== undefined) return known
    if (STATEMENT.test(text) && !member.includes('token')) return this.#statement(text)
    if (cursors.test(member)) return '<cursor>'
    if (member === 'sealedName')
      return `<the name of the device, sealed, ${text.length} characters>`
    if (member === 'ciphertext') return this.#ciphertext(text)
    if (member === 'challenge') return text.replace(UUIDS, (id) => this.#known(id))
    // The `code` of a failure comes from the closed list.
    const kind = member === 'code' && !/^\d+$/.test(text) ? undefined : kinds[member]
    if (kind !== undefined) return this.#numbered(text, kind)
    const isRandom = UUID.test(text) || /^[\w-]{43,}$/.test(text)
    if (isRandom) throw new Error(`${member} has a value without a name: ${text.slice(0, 60)}`)
    return text
  }

  #known(id: string): string {
    const name = this.#names.get(id)
    if (name === undefined) throw new Error(`an id without a name: ${id}`)
    return name
  }

  #numbered(text: string, kind: string): string {
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    this.name(text, `${kind} ${count}`)
    return this.#known(text)
  }

  #statement(statement: string): string {
    const [header = '', payload = ''] = statement.split('.')
    const { typ } = JSON.parse(decoded(header))
    const kind = statementKinds[typ] ?? typ
    const count = (this.#counts.get(kind) ?? 0) + 1
    this.#counts.set(kind, count)
    const name = `payload of ${kind} ${count}`
    this.#names.set(statement, `${header}.<${name}>.<signature>`)
    this.#statements.push({ name, payload: JSON.parse(decoded(payload)) })
    return this.#text(statement, '')
  }

  #ciphertext(text: string): string {
    if (COMPACT_JWE.test(text)) {
      const [header, , ...parts] = text.split('.')
      return [header, '', ...parts.map(sized)].join('.')
    }
    if (!text.startsWith('{')) {
      const isWrap = Buffer.from(text, 'base64url').length === WRAP_BYTES
      return isWrap ? `<the wrapped root secret, ${WRAP_BYTES} bytes>` : '<sealed box>'
    }
    const { protected: header, aad, iv, ciphertext, tag, recipients } = JSON.parse(text)
    const stable = {
      ciphertext: sized(ciphertext),
      iv: sized(iv),
      recipients: recipients.map((one: { encrypted_key: string; header: object }) => ({
        encrypted_key: sized(one.encrypted_key),
        header: this.of(one.header),
      })),
      tag: sized(tag),
      aad: this.of(aad, 'aad'),
      protected: header,
    }
    // In the order they were written.
    const order = Object.keys(JSON.parse(text)) as (keyof typeof stable)[]
    return JSON.stringify(Object.fromEntries(order.map((name) => [name, stable[name]])))
  }
}

function byAccount(one: unknown, other: unknown): number {
  const [a, b] = [one, other].map((item) => JSON.stringify(item))
  return (a ?? '') < (b ?? '') ? -1 : 1
}

function decoded(part: string): string {
  return Buffer.from(part, 'base64url').toString('utf8')
}

function sized(part: string): string {
  return `<${Buffer.from(part, 'base64url').length} bytes>`
}
