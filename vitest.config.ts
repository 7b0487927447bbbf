import { fileURLToPath } from 'node:url'
import { lingui } from '@lingui/vite-plugin'
import { defineConfig } from 'vitest/config'
import { PATIENCE_MS } from './tests/network/eventually.ts'

/** Tests that need a real PostgreSQL. Add new folders with such tests here. */
const withPostgres = [
  'packages/{local-postgres,service-runtime}/tests/**/*.test.ts',
  'services/*/tests/**/*.test.ts',
  'apps/all-in-one/tests/**/*.test.ts',
  'deploy/tests/postgres/**/*.test.ts',
  'tests/evil-server/{accounts,keys,messages}/*.test.ts',
  'tests/{conformance,faults,network,postgres,services}/**/*.test.ts',
]

/**
 * Files share processes, because starting and warming up a process takes longer than many files.
 */
const sharing = { isolate: false } as const

/** Long-running fault tests, which only `npm run test:faults` runs. */
const onlyLong =
  process.env.SOTTO_FAULTS === 'long'
    ? []
    : [
        'tests/faults/connections/{bad-network,half-open,links-cut,slow-reader}.test.ts',
        'tests/faults/processes/rolling-restart.test.ts',
        'tests/faults/steady-load.test.ts',
      ]

const everyProject = {
  environment: 'node',
  pool: 'forks',
  // Only catches hangs. Even a busy or old machine takes less.
  testTimeout: 600_000,
  hookTimeout: 600_000,
  expect: { poll: { timeout: PATIENCE_MS } },
} as const

export default defineConfig({
  test: {
    // One more than the cores of a small machine, because tests sometimes wait for PostgreSQL or a
    // program.
    maxWorkers: 3,
    allowOnly: false,
    projects: [
      {
        plugins: [
          lingui({
            cwd: fileURLToPath(new URL('apps/web', import.meta.url)),
            macroTransform: true,
          }),
        ],
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
          globalSetup: './tests/postgres/global-postgres.ts',
          setupFiles: './tests/postgres/close-admin.ts',
        },
      },
    ],
  },
})
