import { defineConfig } from 'vitest/config'

/** The suites in memory, which have to notice a mutant without networks and browsers. */
export default defineConfig({
  test: {
    include: [
      'packages/sdk/tests/{sending,receiving,server-restore,contacts,conversations}/**/*.test.ts',
    ],
    environment: 'node',
    env: { SOTTO_MUTANTS: '1' },
    setupFiles: ['packages/sdk/tests/mutants/short-properties.ts'],
    testTimeout: 60_000,
    expect: { poll: { timeout: 5_000 } },
  },
})
