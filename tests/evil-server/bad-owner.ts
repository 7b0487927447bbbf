import type { Sql } from '@sotto/service-runtime'
import { type AccountId, ConversationId } from '@sotto/wire'

/** A row of `chat.envelopes`, as a malicious owner sees and changes it. */
export interface EnvelopeRow {
  conversation_id: string
  seq: number
  id: string
  sender_account_id: string
  sender_device_id: string
  accepted_at: number
  kind: string
  ciphertext: string
}

/** A person who runs the server or broke into it, and changes rows at will, unnoticed. */
export class BadOwner {
  readonly #sql: Sql

  /** Removes an honest database's constraints first. */
  static async of({ sql }: { readonly sql: Sql }): Promise<BadOwner> {
    await sql`alter table chat.envelopes drop constraint envelopes_conversation_id_id_key`
    return new BadOwner(sql)
  }

  private constructor(sql: Sql) {
    this.#sql = sql
  }

  /** A conversation of two who have both accepted; their devices learn of it when they next ask. */
  async beginConversation(
    protocol: string,
    ...people: readonly { readonly accountId: AccountId }[]
  ): Promise<ConversationId> {
    const id = ConversationId.parse(crypto.randomUUID())
    const [creator] = people
    await this.#sql`insert into chat.conversations ${this.#sql({
      id,
      protocol,
      created_by: creator?.accountId ?? '',
      created_at: 1,
      active_at: 1,
    })}`
    for (const { accountId } of people) await this.addParticipant(id, accountId)
    return id
  }

  async addParticipant(id: ConversationId, accountId: AccountId): Promise<void> {
    const participant = { conversation_id: id, account_id: accountId, answer: 'accepted' }
    await this.#sql`insert into chat.participants ${this.#sql(participant)}`
    await this.#touch(id)
  }

  async removeParticipant(id: ConversationId, accountId: AccountId): Promise<void> {
    await this.#sql`
      delete from chat.participants where conversation_id = ${id} and account_id = ${accountId}`
    await this.#touch(id)
  }

  async setProtocol(id: ConversationId, protocol: string): Promise<void> {
    await this.#sql`update chat.conversations set protocol = ${protocol} where id = ${id}`
    await this.#touch(id)
  }

  /** A conversation's log, in order. */
  async log(id: ConversationId): Promise<EnvelopeRow[]> {
    return this.#sql<EnvelopeRow[]>`
      select * from chat.envelopes where conversation_id = ${id} order by seq`
  }

  async row(id: ConversationId, seq: number): Promise<EnvelopeRow> {
    const row = (await this.log(id)).find((one) => one.seq === seq)
    if (!row) throw new Error(`there is no envelope ${seq}`)
    return row
  }

  async change(id: ConversationId, seq: number, changes: Partial<EnvelopeRow>): Promise<void> {
    await this.#rewrite(id, (rows) =>
      rows.map((row) => (row.seq === seq ? { ...row, ...changes } : row)),
    )
  }

  /** Puts an envelope at the end of a log. */
  async append(id: ConversationId, row: EnvelopeRow): Promise<void> {
    await this.#rewrite(id, (rows) => {
      const seq = (rows.at(-1)?.seq ?? 0) + 1
      return [...rows, { ...row, conversation_id: id, seq }]
    })
  }

  /** Removes an envelope from a log, and renumbers those after it, so that no number is missing. */
  async drop(id: ConversationId, seq: number): Promise<void> {
    await this.#rewrite(id, (rows) =>
      rows
        .filter((row) => row.seq !== seq)
        .map((row) => (row.seq > seq ? { ...row, seq: row.seq - 1 } : row)),
    )
  }

  /** Swaps two envelopes. */
  async swap(id: ConversationId, one: number, other: number): Promise<void> {
    const places = new Map([
      [one, other],
      [other, one],
    ])
    await this.#rewrite(id, (rows) =>
      rows.map((row) => ({ ...row, seq: places.get(row.seq) ?? row.seq })),
    )
  }

  /** Replaces an account's published record. */
  async publish(
    accountId: AccountId,
    changes: { record?: string; record_version?: number; picture?: Uint8Array | null },
  ): Promise<void> {
    await this.#sql`
      update chat.accounts set ${this.#sql(changes)} where account_id = ${accountId}`
  }

  /** Shows these successions for an account, latest first. */
  async setSuccessions(accountId: AccountId, successions: readonly string[]): Promise<void> {
    await this.#sql`
      update chat.accounts set successions = ${[...successions]}::text[]
      where account_id = ${accountId}`
  }

  async successionsOf(accountId: AccountId): Promise<string[]> {
    const [row] = await this.#sql<{ successions: string[] }[]>`
      select successions from chat.accounts where account_id = ${accountId}`
    return row?.successions ?? []
  }

  /** Stores the current record among the past ones, as an honest server does before it accepts another. */
  async keepPastRecord(accountId: AccountId): Promise<void> {
    await this.#sql`
      insert into chat.past_records (account_id, version, record, replaced_at)
      select account_id, record_version, record, ${Date.now()}
      from chat.accounts where account_id = ${accountId}`
  }

  async recordOf(accountId: AccountId): Promise<string> {
    const [row] = await this.#sql<{ record: string }[]>`
      select record from chat.accounts where account_id = ${accountId}`
    if (!row) throw new Error('there is no such account')
    return row.record
  }

  /** Lists a device for an account. */
  async addDevice(accountId: AccountId, deviceId: string, credential: string): Promise<void> {
    const device = { account_id: accountId, device_id: deviceId, credential, enrolled_at: 1 }
    await this.#sql`insert into chat.devices ${this.#sql(device)}`
  }

  async manifestOf(accountId: AccountId): Promise<string> {
    const [row] = await this.#sql<{ manifest: string }[]>`
      select manifest from chat.manifests where account_id = ${accountId}`
    if (!row) throw new Error('there is no manifest')
    return row.manifest
  }

  /** Shows another manifest, and then accepts the one that follows it. */
  async setManifest(accountId: AccountId, manifest: string): Promise<void> {
    await this.#sql`
      update chat.manifests set manifest = ${manifest}, version = ${versionOf(manifest)}
      where account_id = ${accountId}`
  }

  async wraps(accountId: AccountId): Promise<{ kind: string; ciphertext: string }[]> {
    return this.#sql<{ kind: string; ciphertext: string }[]>`
      select kind, ciphertext from auth.wraps where account_id = ${accountId}`
  }

  async setWrap(accountId: AccountId, kind: string, ciphertext: string): Promise<void> {
    await this.#sql`
      update auth.wraps set ciphertext = ${ciphertext}
      where account_id = ${accountId} and kind = ${kind}`
  }

  async credentialOf(accountId: AccountId, deviceId: string): Promise<string> {
    const [row] = await this.#sql<{ credential: string }[]>`
      select credential from chat.devices
      where account_id = ${accountId} and device_id = ${deviceId}`
    if (!row) throw new Error('there is no such device')
    return row.credential
  }

  async box(accountId: AccountId, name: 'keys' | 'contacts') {
    const [row] = await this.#sql<{ version: number; ciphertext: string }[]>`
      select version, ciphertext from chat.boxes
      where account_id = ${accountId} and name = ${name}`
    if (!row) throw new Error('there is no such box')
    return { version: row.version, ciphertext: row.ciphertext }
  }

  async setBox(
    accountId: AccountId,
    name: 'keys' | 'contacts',
    box: { version: number; ciphertext: string },
  ): Promise<void> {
    await this.#sql`
      update chat.boxes set ${this.#sql(box)} where account_id = ${accountId} and name = ${name}`
  }

  /** Claims that the server was restored: devices compare what they have with what it shows. */
  async beginEra(): Promise<string> {
    const era = crypto.randomUUID().replaceAll('-', '').slice(0, 16)
    await this.#sql`
      insert into chat.eras (era, home, server)
      select ${era}, home, server from chat.eras order by id desc limit 1`
    return era
  }

  /** Removes all envelopes from a log; `putBack` restores them as they were. */
  async empty(id: ConversationId): Promise<() => Promise<void>> {
    let taken: readonly EnvelopeRow[] = []
    await this.#rewrite(id, (rows) => {
      taken = rows
      return []
    })
    return () => this.#rewrite(id, () => taken)
  }

  /** Rewrites a log in one transaction, so that no envelope can be accepted in the middle of it. */
  async #rewrite(
    id: ConversationId,
    change: (rows: readonly EnvelopeRow[]) => readonly EnvelopeRow[],
  ): Promise<void> {
    await this.#sql.begin(async (tx) => {
      await tx`select from chat.conversations where id = ${id} for update`
      const before = await tx<EnvelopeRow[]>`
        delete from chat.envelopes where conversation_id = ${id} returning *`
      const rows = change(before.toSorted((one, other) => one.seq - other.seq))
      for (const row of rows) await tx`insert into chat.envelopes ${tx({ ...row })}`
      await tx`
        update chat.conversations
        set last_seq = ${Math.max(0, ...rows.map(({ seq }) => seq))},
          changed_xid = pg_current_xact_id()
        where id = ${id}`
    })
  }

  /** Notifies devices that something has changed. */
  async #touch(id: ConversationId): Promise<void> {
    await this.#sql`
      update chat.conversations set changed_xid = pg_current_xact_id() where id = ${id}`
  }
}

/** The version that a statement names. */
export function versionOf(statement: string): number {
  return JSON.parse(Buffer.from(statement.split('.')[1] ?? '', 'base64url').toString()).version
}
