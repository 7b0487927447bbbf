import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { createMigratedDatabase } from '../postgres/test-database.ts'

const document = readFileSync(new URL('../../docs/limits.md', import.meta.url), 'utf8')

test('docs/limits.md states for every table what bounds its rows', async () => {
  await using database = await createMigratedDatabase()
  const tables = await database.sql<{ name: string }[]>`
    select n.nspname || '.' || c.relname as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname !~ '^pg_|^information_schema$' and c.relkind in ('r', 'p', 'm', 'f')
      and not c.relispartition and c.relname <> 'migrations'`
  const rows = document.matchAll(/^\| `((?:auth|chat)\.\w+)` \|(?:[^|]*[^| ][^|]*\|){3}$/gm)

  expect([...rows].map(([, name]) => name).toSorted()).toEqual(
    tables.map(({ name }) => name).toSorted(),
  )
})
