import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from '@playwright/test'
import { serviceOf } from '../../../gateway/routes.ts'
import { browserProfile, indexedDbIn } from '../../stored-profiles/browser-profile.ts'
import { Person } from '../people/person.ts'
import { expect, test } from '../people/suite.ts'

const profiles = new URL('../../stored-profiles/browser-profiles/', import.meta.url).pathname
const { origin, contact, long, answer, draft, waiting } = browserProfile

for (const name of await readdir(profiles)) {
  test(`browser profile ${name} opens with all of its content`, async ({
    server,
    launchOptions,
  }) => {
    const userData = await mkdtemp(join(tmpdir(), 'sotto-browser-profile-'))
    await cp(join(profiles, name), indexedDbIn(userData), { recursive: true })
    const context = await chromium.launchPersistentContext(userData, {
      ...launchOptions,
      baseURL: origin,
      viewport: { width: 1280, height: 800 },
    })
    await serveOnlyThePage(context, server.origin)

    const alice = await Person.in(context, server)
    alice.forgiveFaults()
    await alice.openConversation('ecdh')
    await expect(alice.message(waiting)).toHaveAttribute('data-status', 'waiting')
    await expect(alice.page.locator('main header').first()).toContainText('verified')
    await alice.sees(long.at(-1) ?? '')
    for (const n of [24, 12, 0]) await alice.scrollsBackTo(long[n] ?? '')
    await alice.openConversation('rsa')
    await alice.sees(answer)
    await expect(alice.composer).toHaveText(draft)
    await expect(alice.page.getByRole('heading', { name: contact, level: 1 })).toBeVisible()

    await context.close()
    await rm(userData, { recursive: true })
  })
}

/** The content comes from the profile alone: the page is there, and the server isn't. */
async function serveOnlyThePage(context: BrowserContext, from: string): Promise<void> {
  await context.route(`${origin}/**`, async (route) => {
    const { pathname } = new URL(route.request().url())
    if (serviceOf(pathname)) return route.abort()
    const page = await fetch(new URL(pathname, from))
    await route.fulfill({
      status: page.status,
      headers: Object.fromEntries(page.headers),
      body: Buffer.from(await page.arrayBuffer()),
    })
  })
}
