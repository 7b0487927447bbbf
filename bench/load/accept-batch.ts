/**
 * The cost of accepting envelopes: the chat service's `acceptBatch` on a real PostgreSQL with
 * `fsync`, for several batch sizes, with events published to an in-process broker.
 *
 * node bench/load/accept-batch.ts [--json] [--seconds 5] [--stored 0]
 *
 * `--stored` fills the table first, to see whether the cost grows with it.
 */
import { randomBytes, randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startEmbeddedPostgres } from '@sotto/local-postgres'
import {
  connect,
  createInProcessBroker,
  createLogger,
  createRateLimits,
  createTokenVerifier,
  type Sql,
} from '@sotto/service-runtime'
import { Actor, ConversationId, EnvelopeId, SHARD_COUNT } from '@sotto/wire'
import { acceptBatch } from '../../services/chat/src/domain/envelopes/accept-batch.ts'
import type { SentEnvelope } from '../../services/chat/src/domain/envelopes/admit-batch.ts'
import { EraGuard } from '../../services/chat/src/domain/eras/guard-era.ts'
import { createChatService } from '../../services/chat/src/index.ts'
import { chatLimits } from '../../services/chat/src/limits.ts'
import { publishEvents } from '../../services/chat/src/publish-events.ts'
import { usualQuotas } from '../../services/chat/src/quota-variables.ts'
import { cpuSecondsBelow } from './cpu-time.ts'

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    seconds: { type: 'string', default: '5' },
    stored: { type: 'string', default: '0' },
  },
})

const PAIRS = 50
const IN_FLIGHT = 4
const CIPHERTEXT = randomBytes(624).toString('base64url') // a message of up to 512 bytes

interface Pair {
  readonly conversationId: ConversationId
  readonly sender: Actor
}

/** The figures of one run; microseconds are CPU time per envelope. */
interface Figures {
  what: string
  batch: number
  perSecond: number
  postgresMicroseconds: number
  nodeMicroseconds: number
}

type Work = (batch: readonly SentEnvelope[]) => Promise<unknown>

const dataFolder = join(tmpdir(), `sotto-bench-${randomBytes(6).toString('hex')}`)
const postgres = await startEmbeddedPostgres({ dataFolder })
const sql = connect(postgres.url, { maxConnections: 8, applicationName: 'bench' })
try {
  const figures = await measureAll(sql)
  if (options.json) console.log(JSON.stringify(figures))
  else console.table(figures)
} finally {
  await sql.end({ timeout: 5 })
  await postgres.stop()
  await rm(dataFolder, { recursive: true, force: true })
}

async function measureAll(sql: Sql): Promise<Figures[]> {
  const log = createLogger({ name: 'bench', level: 'error' })
  const broker = createInProcessBroker({ log })
  const shards = Array.from({ length: SHARD_COUNT }, (_, shard) => shard)
  await broker.subscribeShards(shards, () => {})
  const verifier = createTokenVerifier({
    keys: async () => ({ keys: [] }),
    isLive: async () => true,
    isProven: async () => true,
    issuer: 'bench',
    audience: 'bench',
  })
  const service = createChatService({
    sql,
    ownerUrl: postgres.url,
    broker,
    log,
    config: { directoryOpen: true },
    verifier,
    readEndedSessions: async () => ({ readAt: Date.now(), sessions: [] }),
    resumeSession: async () => false,
    keepWraps: async () => {},
    findLastSeen: async () => null,
  })
  await service.start()
  const outbox = publishEvents({ sql, broker, log })
  const limits = createRateLimits(sql, 'chat', chatLimits)
  const eras = new EraGuard({ sql, outbox, log })
  await eras.start()
  const quotas = { ...usualQuotas, bytes: 1e15, youngBytes: 1e15, hourlyBytes: 1e15 }
  const context = { sql, outbox, eras, limits, quotas, isDirectoryOpen: true, now: Date.now }
  const pairs = await createPairs(sql)
  await fill(sql, Number(options.stored))

  const accept: Work = (batch) => acceptBatch(context, batch)
  const limit: Work = (batch) => insertOnly(sql, batch)
  await measure('warm-up', accept, { pairs, size: 10, seconds: 1 })
  const figures = []
  for (const size of [1, 10, 100]) {
    const how = { pairs, size, seconds: Number(options.seconds) }
    figures.push(await measure('limit: rows only', limit, how))
    figures.push(await measure('acceptBatch', accept, how))
  }
  await outbox.close()
  await eras.close()
  await service.close()
  await broker.close()
  return figures
}

async function createPairs(sql: Sql): Promise<Pair[]> {
  const pairs = Array.from({ length: PAIRS }, () => ({
    conversationId: ConversationId.parse(randomUUID()),
    sender: Actor.parse({
      accountId: randomUUID(),
      deviceId: randomUUID(),
      sessionId: randomUUID(),
    }),
  }))
  for (const { conversationId, sender } of pairs) {
    await sql`
      insert into chat.conversations (id, protocol, created_by, created_at, active_at, counted_seq)
      values (${conversationId}, 'ecdh', ${sender.accountId}, 0, 0, 0)`
    await sql`
      insert into chat.participants (conversation_id, account_id, answer)
      values (${conversationId}, ${sender.accountId}, 'accepted'),
        (${conversationId}, ${randomUUID()}, 'accepted')`
    await sql`
      insert into chat.devices (account_id, device_id, credential, enrolled_at)
      values (${sender.accountId}, ${sender.deviceId}, 'x', 0)`
  }
  return pairs
}

/** Stores envelopes, 100 per conversation, in conversations that are not used otherwise. */
async function fill(sql: Sql, count: number) {
  for (let left = count; left > 0; left -= 100_000) {
    await sql`
      insert into chat.envelopes (conversation_id, seq, id, sender_account_id, sender_device_id,
        accepted_at, kind, ciphertext)
      select c.id, seq, gen_random_uuid(), c.id, c.id, 0, 'message', ${CIPHERTEXT}
      from (select gen_random_uuid() as id from generate_series(1, ${Math.min(left, 100_000) / 100})) c,
        generate_series(1, 100) as seq`
  }
  if (count > 0) await sql`vacuum analyze`
}

/** The time that PostgreSQL alone needs to store the same number of rows durably. */
async function insertOnly(sql: Sql, batch: readonly SentEnvelope[]) {
  await sql`
    insert into chat.envelopes (conversation_id, seq, id, sender_account_id, sender_device_id,
      accepted_at, kind, ciphertext)
    select id, 1, id, id, id, 0, 'message', ciphertext
    from unnest(${batch.map(({ envelope }) => envelope.id)}::uuid[],
      ${batch.map(({ envelope }) => envelope.ciphertext)}::text[]) as rows (id, ciphertext)`
}

async function measure(
  what: string,
  work: Work,
  { pairs, size, seconds }: { pairs: readonly Pair[]; size: number; seconds: number },
): Promise<Figures> {
  const start = performance.now()
  const nodeStart = process.cpuUsage()
  const postgresStart = await cpuSecondsBelow(process.pid)
  let done = 0

  // As in the websocket service, no conversation is in two batches at the same time.
  async function keepSending(_: unknown, worker: number) {
    const own = pairs.filter((_, index) => index % IN_FLIGHT === worker)
    for (let turn = 0; performance.now() - start < seconds * 1000; turn += size) {
      const batch = Array.from({ length: size }, (_, n) => own[(turn + n) % own.length] as Pair)
      await work(batch.map(envelopeOf))
      done += size
    }
  }
  await Promise.all(Array.from({ length: IN_FLIGHT }, keepSending))

  const elapsed = (performance.now() - start) / 1000
  const node = process.cpuUsage(nodeStart)
  const postgresSeconds = (await cpuSecondsBelow(process.pid)) - postgresStart
  return {
    what,
    batch: size,
    perSecond: Math.round(done / elapsed),
    postgresMicroseconds: Math.round((postgresSeconds * 1e7) / done) / 10,
    nodeMicroseconds: Math.round(((node.user + node.system) * 10) / done) / 10,
  }
}

function envelopeOf({ conversationId, sender }: Pair): SentEnvelope {
  const id = EnvelopeId.parse(randomUUID())
  return {
    actor: sender,
    envelope: { id, conversationId, kind: 'message', ciphertext: CIPHERTEXT },
  }
}
