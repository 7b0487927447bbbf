import { defineConfig } from 'vitest/config'
import { readSettings } from './settings.ts'

/** The configuration of `npm run conformance`. A server under test has its own database. */
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
