import { readFileSync } from 'node:fs'
import { newOpaqueSetup, newSigningKey } from '@sotto/auth'
import { createLogger } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AllInOne, createAllInOne } from '../../apps/all-in-one/src/run.ts'
import { createMigratedDatabase, type TestDatabase } from '../postgres/test-database.ts'

let database: TestDatabase
let sotto: AllInOne

beforeAll(async () => {
  database = await createMigratedDatabase()
  const { url } = database
  sotto = await createAllInOne({
    log: createLogger({ name: 'test', level: 'silent' }),
    host: '127.0.0.1',
    port: 0,
    origins: [],
    internal: { host: '127.0.0.1', port: 0 },
    databaseUrls: { auth: url, chat: url },
    secrets: {
      signingKey: newSigningKey(),
      opaqueSetup: await newOpaqueSetup(),
      codePepper: 'a pepper for one test run only',
    },
    sendCode: async () => {},
  })
})

afterAll(async () => {
  await sotto.close()
  await database.drop()
})

const readMetrics = async () => (await fetch(`${sotto.internalUrl}/metrics`)).text()

/** The value of the only series with this prefix. */
function seriesValue(metrics: string, series: string): number {
  const line = metrics.split('\n').find((text) => text.startsWith(`${series} `))
  return Number(line?.slice(series.length))
}

test('docs/metrics.md lists exactly the existing metrics', async () => {
  const table = readFileSync(new URL('../../docs/metrics.md', import.meta.url), 'utf8')
  const described = [...table.matchAll(/^\| `(\w+)` /gm)].map(([, name]) => name)
  const metrics = await readMetrics()
  const named = [...metrics.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name)

  expect(named.length).toBeGreaterThan(20)
  expect(described.toSorted()).toEqual(named.toSorted())
})

test('requests are counted by the template of their route, whatever path is requested', async () => {
  const id = 'deadbeef-0000-4000-8000-000000000000'
  await fetch(`${sotto.url}/conversations/${id}/envelopes`)
  await fetch(`${sotto.url}/a-path-that-somebody-made-up`)
  const metrics = await readMetrics()

  const counted = metrics.split('\n').filter((line) => line.includes('_seconds_count{method='))
  expect(counted).toContain(
    'sotto_http_request_seconds_count{method="GET",route="/conversations/:conversationId/envelopes",status="401"} 1',
  )
  expect(counted).toContain(
    'sotto_http_request_seconds_count{method="any",route="none",status="404"} 1',
  )
  expect(metrics).not.toMatch(/made-up|deadbeef/)
})

test('sent codes are counted, without any phone number', async () => {
  const before = seriesValue(
    await readMetrics(),
    'sotto_codes_total{channel="phone",outcome="sent"}',
  )
  await fetch(`${sotto.url}/auth/phone/start`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ phone: '+4915112370099' }),
  })
  await expect
    .poll(async () =>
      seriesValue(await readMetrics(), 'sotto_codes_total{channel="phone",outcome="sent"}'),
    )
    .toBe(before + 1)
  expect(await readMetrics()).not.toContain('370099')
})

test('reports figures of database and broker', async () => {
  const metrics = await readMetrics()

  expect(seriesValue(metrics, 'sotto_queue_messages{queue="commands"}')).toBe(0)
  expect(seriesValue(metrics, 'sotto_broker_up')).toBe(1)

  expect(seriesValue(metrics, 'sotto_event_outbox_events{schema="chat"}')).toBe(0)
  expect(seriesValue(metrics, 'sotto_event_outbox_oldest_seconds{schema="auth"}')).toBe(0)
  expect(seriesValue(metrics, 'sotto_database_pool_size{pool="chat"}')).toBe(10)
  expect(seriesValue(metrics, 'sotto_database_transactions_waiting{pool="chat"}')).toBe(0)
})

test('the second listener reports readiness, the first one has no metrics', async () => {
  expect((await fetch(`${sotto.internalUrl}/ready`)).status).toBe(200)
  expect((await fetch(`${sotto.internalUrl}/health`)).status).toBe(200)
  for (const path of ['/metrics', '/ready', '/ended-sessions']) {
    expect((await fetch(sotto.url + path)).status).toBe(404)
  }
})
