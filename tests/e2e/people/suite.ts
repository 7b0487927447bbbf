import { type BrowserContextOptions, test as base, expect } from '@playwright/test'
import { ClusterProcess } from '../../programs/cluster-process.ts'
import { ServerProcess } from '../../programs/server-process.ts'
import { ServerBehindProxy } from '../../proxies/server-behind-proxy.ts'
import type { ProxyName } from '../../proxies/start-proxy.ts'
import type { Server } from './page-watch.ts'
import { Person } from './person.ts'

interface Fixtures {
  /** Opens another browser profile on the server. */
  openProfile: (options?: BrowserContextOptions) => Promise<Person>
}

/** What a suite runs against: `npm start`, the same behind a web server, or `npm run cluster`. */
export interface TopologyOption {
  topology: 'all-in-one' | ProxyName | 'cluster'
}

interface WorkerFixtures extends TopologyOption {
  /** Environment variables of the server, in addition to those for all files. */
  settings: NodeJS.ProcessEnv
  /** Sotto as an operator runs it, shared by consecutive tests with the same options. */
  server: Server
}

/** Starts Sotto with limits that no test reaches. `environment` adds variables. */
export function startServer(
  topology: TopologyOption['topology'],
  environment: NodeJS.ProcessEnv,
): Promise<Server & AsyncDisposable> {
  const settings = { RATE_LIMIT_FACTOR: '100', NEW_KEYS_DELAY_HOURS: '0', ...environment }
  if (topology === 'all-in-one') return ServerProcess.start(settings)
  if (topology === 'cluster') return ClusterProcess.start(settings, { tls: true })
  return ServerBehindProxy.start(topology, settings)
}

/**
 * `test` with a real server and any number of browser profiles. It fails if any profile saw a dialog, a request to
 * another origin, a policy violation or a console error.
 */
export const test = base.extend<Fixtures, WorkerFixtures>({
  topology: ['all-in-one', { option: true, scope: 'worker' }],
  settings: [{}, { option: true, scope: 'worker' }],
  server: [
    async ({ topology, settings }, use) => {
      await using server = await startServer(topology, settings)
      await use(server)
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  openProfile: async ({ browser, server }, use, testInfo) => {
    const people: Person[] = []
    await use(async (options) => {
      const person = await Person.open(browser, server, options)
      people.push(person)
      return person
    })
    for (const [n, { page, context }] of people.entries()) {
      // Playwright takes screenshots only of its own pages.
      if (testInfo.errors.length > 0) {
        await page.screenshot({ path: testInfo.outputPath(`profile-${n + 1}.png`) })
      }
      await context.close()
    }
    expect(people.flatMap(({ troubles }) => troubles)).toEqual([])
  },
})

export { expect } from '@playwright/test'

let phones = 0

/** A phone number not used before in this run. */
export const freshPhone = (): string => `+4915123${String(400000 + phones++)}`

/** An email address not used before in this run. */
export const freshEmail = (name: string): string => `${name}.${phones++}@example.org`
