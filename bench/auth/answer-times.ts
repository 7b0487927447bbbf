import { randomUUID } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { client, ready, server } from '@serenity-kit/opaque'
import { startEmbeddedPostgres } from '@sotto/local-postgres'
import {
  connect,
  createApp,
  createInProcessBroker,
  createLogger,
  type Sql,
} from '@sotto/service-runtime'
import { createAuthService, newOpaqueSetup, newSigningKey } from '../../services/auth/src/index.ts'

// Whether the duration of an answer reveals who has an account: 2,000 alternating requests for
// known and unknown phone numbers and addresses, over HTTP. Prints the medians, which should differ
// by at most 5 %.

const ROUNDS = 2000
const KNOWN = 200

await ready
const dataFolder = join(tmpdir(), `sotto-bench-${randomUUID()}`)
const postgres = await startEmbeddedPostgres({ dataFolder })
const sql = connect(postgres.url, { maxConnections: 10, applicationName: 'bench' })
const log = createLogger({ name: 'bench', level: 'error' })
const broker = createInProcessBroker({ log })
const auth = await createAuthService({
  sql,
  ownerUrl: postgres.url,
  broker,
  log,
  config: {
    issuer: 'http://localhost',
    audience: 'sotto',
    signingKey: newSigningKey(),
    opaqueSetup: await newOpaqueSetup(),
    codePepper: randomUUID(),
    allowedOrigins: [],
    limitFactor: 1e5,
  },
  sendCode: async () => {},
})
await auth.start()
const app = createApp({ log })
await app.register(auth.plugin)
const url = await app.listen({ port: 0, host: '127.0.0.1' })

const { startLoginRequest } = client.startLogin({ password: 'blue whale song' })
const phone = (n: number, isKnown: boolean) => ({
  phone: `+4915${isKnown ? '1' : '2'}${10_000_000 + n}`,
})
const email = (n: number, isKnown: boolean) => ({
  email: `${isKnown ? 'known' : 'other'}${n}@chat.test`,
})
await addAccounts(sql)
await compare('phone/start', phone)
await compare('email/start', email)
await compare('password/login-start', (n, isKnown) => ({ ...email(n, isKnown), startLoginRequest }))

await app.close()
await auth.close()
await broker.close()
await sql.end()
await postgres.stop()
await rm(dataFolder, { recursive: true, force: true })

async function compare(path: string, bodyOf: (n: number, isKnown: boolean) => object) {
  const times = { known: [] as number[], unknown: [] as number[] }
  const measure = async (n: number, isKnown: boolean) => {
    const body = JSON.stringify(bodyOf(n % KNOWN, isKnown))
    const started = performance.now()
    const answer = await fetch(`${url}/auth/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    await answer.text()
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`)
    times[isKnown ? 'known' : 'unknown'].push(performance.now() - started)
  }
  for (let n = 0; n < ROUNDS + 100; n += 1) {
    // The second request finds warmer caches.
    await measure(n, n % 2 === 0)
    await measure(n, n % 2 !== 0)
    if (n === 100) times.known.length = times.unknown.length = 0
  }
  const [known, unknown] = [median(times.known), median(times.unknown)]
  const percent = (known / unknown - 1) * 100
  console.log(
    `${path.padEnd(22)} known ${known.toFixed(3)} ms, unknown ${unknown.toFixed(3)} ms, ${percent.toFixed(1)} %`,
  )
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

/** Adds accounts with passwords directly, because the requests for them would take a while. */
async function addAccounts(database: Sql) {
  const { clientRegistrationState, registrationRequest } = client.startRegistration({
    password: 'blue whale song',
  })
  const { registrationRecord } = client.finishRegistration({
    clientRegistrationState,
    password: 'blue whale song',
    keyStretching: { 'argon2id-custom': { iterations: 1, memory: 8, parallelism: 1 } },
    ...server.createRegistrationResponse({
      serverSetup: server.createSetup(),
      userIdentifier: randomUUID(),
      registrationRequest,
    }),
  })
  for (let n = 0; n < KNOWN; n += 1) {
    const id = randomUUID()
    await database`
      insert into auth.accounts (id, phone, email, created_at)
      values (${id}, ${phone(n, true).phone}, ${email(n, true).email}, now())`
    await database`
      insert into auth.passwords (account_id, record, changed_at)
      values (${id}, ${registrationRecord}, now())`
  }
}
