import { readdirSync, readFileSync } from 'node:fs'
import { authRetention } from '@sotto/auth'
import { MAX_DEVICES, MAX_PAST_RECORDS } from '@sotto/wire'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const document = readFileSync(new URL('docs/operating.md', root), 'utf8')
const rows = [...document.matchAll(/^\| `(auth|chat)\.(\w+)`([^|]*)\|([^|]*)\|([^|]*)\|$/gm)]

/** The tables that exist after all migrations of a service. */
function tablesOf(schema: 'auth' | 'chat'): string[] {
  const folder = new URL(`services/${schema}/src/migrations/`, root)
  const files = readdirSync(folder).sort()
  const text = files.map((file) => readFileSync(new URL(file, folder), 'utf8')).join('\n')
  const tables = new Set<string>()
  const steps = /^(?:create table (\w+) \(|drop table (\w+);|alter table (\w+) rename to (\w+);)/gm
  for (const [, made, dropped, renamed, name] of text.matchAll(steps)) {
    for (const gone of [dropped, renamed]) if (gone) tables.delete(gone)
    for (const added of [made, name]) if (added) tables.add(added)
  }
  return [...tables].map((table) => `${schema}.${table}`).sort()
}

test('docs/operating.md states for every table how long its rows are kept', () => {
  const named = new Set(rows.map(([, schema, table]) => `${schema}.${table}`))

  expect([...named].sort()).toEqual([...tablesOf('auth'), ...tablesOf('chat')].sort())
})

test('docs/operating.md states the retention times of the auth service', () => {
  const times = rows.flatMap(([, , table, more = '', , until = '']) => {
    const seconds = /^ (\d+)/.exec(until)?.[1]
    return seconds ? [[more.includes('ended') ? `${table}_ended` : table, Number(seconds)]] : []
  })

  expect(Object.fromEntries(times)).toEqual(authRetention)
})

test('docs/operating.md states how much history an account may keep', () => {
  const said = (table: string) => rows.find((row) => row[2] === table)?.[0]

  expect(said('past_records')).toContain(`the last ${MAX_PAST_RECORDS} versions`)
  expect(said('devices')).toContain(`${MAX_DEVICES} of an account`)
})
