import { defineConfig, type Project } from '@playwright/test'
import type { TopologyOption } from './tests/e2e/people/suite.ts'
import { PATIENCE_MS } from './tests/network/eventually.ts'
import { domain, kinds, type ProxyName } from './tests/proxies/start-proxy.ts'

const launchOptions = {
  // Without windows and its own pages, it uses a fifth less CPU than the whole browser.
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
  args: [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    // Simulates the DNS entry of a web server in front.
    `--host-resolver-rules=MAP ${domain} 127.0.0.1`,
  ],
}

/** Over TLS: `npm run cluster`, or a web server in front of `npm start`. */
const over = (topology: TopologyOption['topology']) => ({
  name: topology,
  // Its certificate is self-signed.
  use: { topology, ignoreHTTPSErrors: true },
})

/** Tests of everything between browser and Sotto: requests, cookies, WebSockets and their ends. */
const core = [
  'conversations/talk.spec.ts',
  'conversations/dead-connections.spec.ts',
  'conversations/tabs.spec.ts',
  'accounts/channels.spec.ts',
  'accounts/recovery.spec.ts',
  'accounts/devices.spec.ts',
]

const behindProxies = (Object.keys(kinds) as ProxyName[]).map((name) => ({
  ...over(name),
  testMatch: core,
}))

const projects: Record<string, Project<Record<never, never>, TopologyOption>[]> = {
  cluster: [over('cluster')],
  proxies: behindProxies,
}

/**
 * The browser suite: real Chromium against Sotto as `npm start` runs it, and two people who
 * exchange messages on the cluster and behind a web server. With SOTTO_TOPOLOGY=cluster the whole
 * suite runs on the cluster; with SOTTO_TOPOLOGY=proxies its core runs behind each web server of
 * `deploy/proxies`.
 */
export default defineConfig<Record<never, never>, TopologyOption>({
  testDir: 'tests/e2e',
  workers: 2,
  // Only catches hangs. Even a busy or old machine takes less.
  timeout: 600_000,
  expect: { timeout: PATIENCE_MS },
  forbidOnly: true,
  projects: projects[process.env.SOTTO_TOPOLOGY ?? ''] ?? [
    { name: 'all-in-one' },
    { ...over('cluster'), testMatch: 'conversations/talk.spec.ts' },
    { ...over('haproxy'), testMatch: 'conversations/talk.spec.ts' },
  ],
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    actionTimeout: PATIENCE_MS,
    viewport: { width: 1280, height: 800 },
    launchOptions,
  },
})
