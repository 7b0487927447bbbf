import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'packages',
          include: [
            'packages/**/tests/**/*.test.ts',
            'apps/**/tests/**/*.test.ts',
            'tests/*.test.ts',
          ],
          exclude: ['packages/service-runtime/**'],
        },
      },
      {
        test: {
          // With a real PostgreSQL.
          name: 'services',
          include: [
            'packages/service-runtime/tests/**/*.test.ts',
            'services/**/tests/**/*.test.ts',
            'tests/{network,faults,evil-server}/**/*.test.ts',
          ],
          globalSetup: ['tests/network/global-postgres.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
    ],
  },
})
