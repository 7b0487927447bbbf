import { defineConfig } from 'vitest/config'
import { readSettings } from './settings.ts'

/** What `npm run conformance` runs. A server under test brings a database of its own. */
export default defineConfig({
  test: {
    include: ['tests/conformance/{client,server}/*.test.ts'],
    globalSetup: readSettings().server ? [] : ['tests/postgres/global-postgres.ts'],
    pool: 'forks',
    maxWorkers: 2,
    hookTimeout: 60_000,
    testTimeout: 60_000,
    expect: { poll: { timeout: 15_000 } },
  },
})
