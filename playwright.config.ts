import { defineConfig } from '@playwright/test'
import type { TopologyOption } from './tests/e2e/suite.ts'
import { PATIENCE_MS } from './tests/network/eventually.ts'

const onCluster = {
  use: {
    topology: 'cluster' as const,
    // Its certificate is its own.
    ignoreHTTPSErrors: true,
  },
}

/**
 * The browser suite: real Chromium against Sotto as `npm start` runs it, and two people talking on the
 * cluster. With SOTTO_TOPOLOGY=cluster all of it runs there.
 */
export default defineConfig<Record<never, never>, TopologyOption>({
  testDir: 'tests/e2e',
  workers: 2,
  // Against what hangs. A machine that is busy, or old, takes less.
  timeout: 600_000,
  expect: { timeout: PATIENCE_MS },
  forbidOnly: true,
  projects:
    process.env.SOTTO_TOPOLOGY === 'cluster'
      ? [{ name: 'cluster', ...onCluster }]
      : [{ name: 'all-in-one' }, { name: 'cluster', testMatch: 'talk.spec.ts', ...onCluster }],
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    actionTimeout: PATIENCE_MS,
    viewport: { width: 1280, height: 800 },
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
})
