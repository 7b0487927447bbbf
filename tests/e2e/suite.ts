import { type BrowserContextOptions, test as base, expect } from '@playwright/test'
import { ServerProcess } from '../network/server-process.ts'
import { Person } from './person.ts'

interface Fixtures {
  /** Opens another browser profile at the server. */
  openProfile: (options?: BrowserContextOptions) => Promise<Person>
}

interface WorkerFixtures {
  /** Sotto as `npm start` runs it, one for all tests of a file. */
  server: ServerProcess
}

/**
 * `test` with a real server and as many browser profiles as wanted. After each test no profile may
 * have seen a dialog, a request to another origin, a violated policy or an error in the console.
 */
export const test = base.extend<Fixtures, WorkerFixtures>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright finds out the needs of a fixture by it
    async ({}, use) => {
      await using server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100' })
      await use(server)
    },
    { scope: 'worker' },
  ],
  openProfile: async ({ browser, server }, use, testInfo) => {
    const people: Person[] = []
    await use(async (options) => {
      const person = await Person.open(browser, server, options)
      people.push(person)
      return person
    })
    for (const [n, { page, context }] of people.entries()) {
      // Playwright's own pictures are of its own pages only.
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

/** A phone number nobody has used in this run. */
export const freshPhone = (): string => `+4915123${String(400000 + phones++)}`

/** An e-mail address nobody has used in this run. */
export const freshEmail = (name: string): string => `${name}.${phones++}@example.org`
