import { defineConfig } from 'vitest/config'
import { PATIENCE_MS } from './tests/network/eventually.ts'

/** Tests that need the real PostgreSQL. A new folder with such tests is named here. */
const withPostgres = [
  'packages/{local-postgres,service-runtime}/tests/**/*.test.ts',
  'services/*/tests/**/*.test.ts',
  'apps/all-in-one/tests/**/*.test.ts',
  'deploy/tests/postgres/**/*.test.ts',
  'tests/evil-server/*.test.ts',
  'tests/{conformance,faults,network,services}/**/*.test.ts',
]

/** Files share processes: to start one, and to warm it up, takes longer than many a file. */
const sharing = { isolate: false } as const

/** Faults that take long: only `npm run test:faults` waits for them. */
const onlyLong =
  process.env.SOTTO_FAULTS === 'long'
    ? []
    : [
        'tests/faults/{bad-network,half-open,links-cut,rolling-restart,slow-reader,steady-load}.test.ts',
      ]

const everyProject = {
  environment: 'node',
  pool: 'forks',
  // Against what hangs. A machine that is busy, or old, takes less.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: PATIENCE_MS } },
} as const

export default defineConfig({
  test: {
    // One more than the cores of a small machine: a test waits for PostgreSQL or a program now and then.
    maxWorkers: 3,
    allowOnly: false,
    projects: [
      {
        test: {
          ...everyProject,
          name: 'units',
          ...sharing,
          include: ['{packages,apps,gateway,tests,deploy,bench}/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', 'tests/e2e/**', ...withPostgres],
        },
      },
      {
        test: {
          ...everyProject,
          name: 'without-ed25519',
          include: [
            'packages/crypto/tests/{vectors,properties}/*.test.ts',
            'packages/crypto/tests/{ecdh,recovery,rsa,safety-number}.test.ts',
          ],
          setupFiles: './packages/crypto/tests/without-ed25519.ts',
        },
      },
      {
        test: {
          ...everyProject,
          name: 'services',
          ...sharing,
          include: withPostgres,
          exclude: ['**/node_modules/**', ...onlyLong],
          globalSetup: './tests/network/global-postgres.ts',
          setupFiles: './tests/network/close-admin.ts',
        },
      },
    ],
  },
})
