import { randomUUID } from 'node:crypto'
import {
  type App,
  type Broker,
  createApp,
  createInProcessBroker,
  createLogger,
  createTokenVerifier,
  registerForOperator,
  type Sql,
  type WrapsWrite,
} from '@sotto/service-runtime'
import {
  type AccountEvent,
  type BatchDecided,
  type Command,
  type Endpoint,
  InstanceId,
  type NewEnvelope,
  SHARD_COUNT,
  type Verdict,
} from '@sotto/wire'
import type { z } from 'zod'
import { eventually } from '../../../tests/network/eventually.ts'
import { createMigratedDatabase, type TestDatabase } from '../../../tests/postgres/test-database.ts'
import { type ChatConfig, type ChatDependencies, createChatService } from '../src/index.ts'
import { createPerson, type Person } from './person.ts'
import { createTokenIssuer, type TokenIssuer } from './token-issuer.ts'

/** The parts of a request besides the caller. */
export interface Sent {
  params?: Record<string, unknown>
  query?: Record<string, string | number>
  body?: unknown
}

/** An answer: the body according to the endpoint's schema, or an error code. */
export interface Answer<E extends Endpoint> {
  readonly status: number
  readonly code: string | undefined
  readonly body: z.output<E['response']>
}

/** The chat service on a separate database, with a real broker and real tokens. */
export interface TestChat extends AsyncDisposable {
  readonly sql: Sql
  readonly broker: Broker
  readonly app: App
  /** All events that were pushed so far. */
  readonly events: AccountEvent[]
  /** The eras that were announced to all services. */
  readonly erasBegun: string[]
  /** The writes of wraps that were passed to the auth service. */
  readonly writtenWraps: readonly WrapsWrite[]
  /** A person with an account, a device and a token; published and enrolled by default. */
  person(name: string, options?: { isPublished?: boolean }): Promise<Person>
  call<E extends Endpoint>(as: Person | null, endpoint: E, sent?: Sent): Promise<Answer<E>>
  /** Calls the internal listener, as the operator unless another token is given. */
  operate<E extends Endpoint>(endpoint: E, sent?: Sent, token?: string): Promise<Answer<E>>
  /** Sends a batch as a websocket instance does and waits for the verdicts. */
  send(batch: readonly (readonly [Person, NewEnvelope])[]): Promise<readonly Verdict[]>
  command(command: Command): Promise<void>
  /** Another instance on the same database, which shares nothing else. */
  another(): Promise<Pick<TestChat, 'call'> & AsyncDisposable>
  /** Waits for a matching event of this type. */
  event<T extends AccountEvent['type']>(
    type: T,
    fits?: (event: Extract<AccountEvent, { type: T }>) => boolean,
  ): Promise<Extract<AccountEvent, { type: T }>>
  /** Waits until nothing is left to publish. */
  settle(): Promise<void>
}

export async function startChat(
  config: Partial<ChatConfig> = {},
  {
    eras,
    ...given
  }: { database?: TestDatabase } & Partial<Pick<ChatDependencies, 'findLastSeen'>> &
    Pick<ChatDependencies, 'eras' | 'metrics' | 'now'> = {},
): Promise<TestChat> {
  const database = given.database ?? (await createMigratedDatabase())
  const { sql } = database
  const log = createLogger({ name: 'chat test', level: 'silent' })
  const broker = createInProcessBroker({ log, commands: { retryDelayMs: 5 } })
  const issuer = createTokenIssuer()
  const verifier = createTokenVerifier({
    ...issuer,
    isLive: async () => true,
    isProven: async () => true,
  })
  const keptWraps: WrapsWrite[] = []
  const service = createChatService({
    sql,
    // Creates the tables of a given database here.
    ownerUrl: given.database?.url,
    broker,
    log,
    config: { directoryOpen: true, ...config },
    ...(eras && { eras }),
    ...(given.metrics && { metrics: given.metrics }),
    ...(given.now && { now: given.now }),
    verifier,
    readEndedSessions: async () => ({ readAt: Date.now(), sessions: [] }),
    resumeSession: async () => false,
    findLastSeen: given.findLastSeen ?? (async () => null),
    keepWraps: async (write) => void keptWraps.push(write),
  })
  const app = createApp({ log })
  await app.register(service.plugin)
  await service.start()
  const internal = createApp({ log })
  await registerForOperator(internal, OPERATOR_TOKEN, service.operatorPlugin)

  const events: AccountEvent[] = []
  const shards = Array.from({ length: SHARD_COUNT }, (_, shard) => shard)
  await broker.subscribeShards(shards, (event) => events.push(event))
  const erasBegun: string[] = []
  await broker.subscribeAll((event) => {
    if (event.type === 'era.began') erasBegun.push(event.era)
  })
  const instanceId = InstanceId.parse(randomUUID())
  const decided = new Map<string, BatchDecided>()
  await broker.subscribeInstance(instanceId, (event) => decided.set(event.batchId, event))

  const chat: TestChat = {
    sql,
    broker,
    app,
    events,
    erasBegun,
    writtenWraps: keptWraps,
    async person(name, { isPublished = true } = {}) {
      const person = createPerson(name, issuer)
      if (isPublished) await person.enter(chat)
      return person
    },
    call: callOf(app),
    operate: (endpoint, sent, token = OPERATOR_TOKEN) => request(internal, token, endpoint, sent),
    async send(batch) {
      const batchId = randomUUID()
      const envelopes = batch.map(([{ actor }, envelope]) => ({ actor, envelope }))
      await broker.sendCommand({
        type: 'envelopes.accept',
        batchId,
        replyTo: instanceId,
        envelopes,
      })
      await eventually('verdicts', () => decided.has(batchId))
      return decided.get(batchId)?.verdicts ?? []
    },
    command: (command) => broker.sendCommand(command),
    another: () => startAnother(sql, issuer),
    async event(type, fits = () => true) {
      const isWanted = (
        event: AccountEvent,
      ): event is Extract<AccountEvent, { type: typeof type }> =>
        event.type === type && fits(event as Extract<AccountEvent, { type: typeof type }>)
      return eventually(`an event ${type}`, () => events.find(isWanted))
    },
    async settle() {
      await eventually(
        'an empty outbox',
        async () => (await sql`select from chat.event_outbox limit 1`).length === 0,
      )
      await new Promise(setImmediate)
    },
    async [Symbol.asyncDispose]() {
      await app.close()
      await internal.close()
      await service.close()
      await broker.close()
      await database.drop()
    },
  }
  return chat
}

async function startAnother(sql: Sql, issuer: TokenIssuer) {
  const log = createLogger({ name: 'chat test', level: 'silent' })
  const broker = createInProcessBroker({ log })
  const service = createChatService({
    sql,
    broker,
    log,
    config: { directoryOpen: true },
    verifier: createTokenVerifier({
      ...issuer,
      isLive: async () => true,
      isProven: async () => true,
    }),
    readEndedSessions: async () => ({ readAt: Date.now(), sessions: [] }),
    resumeSession: async () => false,
    keepWraps: async () => {},
    findLastSeen: async () => null,
  })
  const app = createApp({ log })
  await app.register(service.plugin)
  await service.start()
  return {
    call: callOf(app),
    async [Symbol.asyncDispose]() {
      await app.close()
      await service.close()
      await broker.close()
    },
  }
}

const OPERATOR_TOKEN = 'b7Kx2mQz90Vr-0p3r4t0r-of-the-tests'

function callOf(app: App): TestChat['call'] {
  return (as, endpoint, sent) => request(app, as?.token, endpoint, sent)
}

async function request<E extends Endpoint>(
  app: App,
  token: string | undefined,
  endpoint: E,
  { params = {}, query = {}, body }: Sent = {},
): Promise<Answer<E>> {
  const path = endpoint.path.replace(/:(\w+)/g, (_, name) =>
    encodeURIComponent(String(params[name]).toWellFormed()),
  )
  const answer = await app.inject({
    method: endpoint.method,
    path,
    query: Object.fromEntries(Object.entries(query).map(([key, value]) => [key, `${value}`])),
    ...(token !== undefined && { headers: { authorization: `Bearer ${token}` } }),
    ...(body !== undefined && { payload: body as object }),
  })
  const answered = answer.json()
  return { status: answer.statusCode, code: answered.code, body: answered }
}
