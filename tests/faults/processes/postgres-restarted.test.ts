import { connect } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ServerProcess } from '../../programs/server-process.ts'
import { p95 } from '../checker/figures.ts'
import { isLong, nothingWrong, runFault, seeds, within } from '../run/fault-run.ts'
import { postmasterOf, watchDatabase } from '../run/postgres-process.ts'

let server: ServerProcess
beforeAll(async () => {
  server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100000' })
})
afterAll(() => server[Symbol.asyncDispose]())

test.each(seeds)('all-in-one: PostgreSQL is stopped, then killed (seed %d)', async (seed) => {
  let watch: Awaited<ReturnType<typeof watchDatabase>> | undefined
  const run = await runFault({
    row: 3,
    fault: 'PostgreSQL restarted, postmaster killed',
    topology: 'all-in-one',
    place: server,
    seed,
    strikes: isLong ? 3 : 2,
    async strike({ strike, ledger }) {
      watch ??= await watchDatabase(server.dataFolder, ledger)
      process.kill(await postmasterOf(server.dataFolder), strike % 2 === 0 ? 'SIGINT' : 'SIGKILL')
    },
  })
  const watched = await watch?.stop()

  await run.keep({ 'accepted while down': `${watched?.falselyAccepted}` })
  expect(run.findings).toMatchObject(nothingWrong)
  expect(watched).toMatchObject({ falselyAccepted: 0 })
  expect(watched?.absences).toBeGreaterThan(0)
  expect(p95(run.recoveryMs)).toBeLessThan(within(10_000))
})

test('committed data is on disk: the settings that ensure this are on', async () => {
  const sql = connect(await server.databaseUrl(), { maxConnections: 1, applicationName: 'test' })
  const settings = await sql<{ name: string; setting: string }[]>`
    select name, setting from pg_settings
    where name in ('fsync', 'full_page_writes', 'synchronous_commit') order by name`
  const roles = await sql<{ config: string[] | null }[]>`
    select setconfig as config from pg_db_role_setting`
  await sql.end()

  expect(settings).toEqual([
    { name: 'fsync', setting: 'on' },
    { name: 'full_page_writes', setting: 'on' },
    { name: 'synchronous_commit', setting: 'on' },
  ])
  expect(roles.flatMap(({ config }) => config ?? []).join()).not.toMatch(/synchronous_commit|fsync/)
})
