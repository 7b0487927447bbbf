import { defineConfig } from '@playwright/test'
import type { TopologyOption } from './tests/e2e/suite.ts'

const onCluster = {
  // Ten processes start and end where one did, and devices that waited for them come back later.
  timeout: 180_000,
  expect: { timeout: 30_000 },
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
  // The machine that runs them may be busy.
  timeout: 180_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  projects:
    process.env.SOTTO_TOPOLOGY === 'cluster'
      ? [{ name: 'cluster', ...onCluster }]
      : [{ name: 'all-in-one' }, { name: 'cluster', testMatch: 'talk.spec.ts', ...onCluster }],
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    actionTimeout: 30_000,
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
