/**
 * Creates a profile in IndexedDB as this version writes it in Chromium, for every later version to open.
 *
 * node tests/stored-profiles/make-browser-profile.ts tests/stored-profiles/browser-profiles/<number>
 *
 * Run it once before each change of the stored format.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium } from '@playwright/test'
import playwrightConfig from '../../playwright.config.ts'
import { converse } from '../e2e/people/correspondents.ts'
import { Person } from '../e2e/people/person.ts'
import { eventually } from '../network/eventually.ts'
import { Person as Correspondent } from '../network/people.ts'
import { ServerProcess } from '../programs/server-process.ts'
import { browserProfile, indexedDbIn } from './browser-profile.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined)
  throw new Error('Usage: node tests/stored-profiles/make-browser-profile.ts FOLDER')

const { origin, contact, long, answer, draft, waiting } = browserProfile
await using server = await ServerProcess.start(
  { RATE_LIMIT_FACTOR: '100' },
  { port: Number(new URL(origin).port) },
)
let phones = 0
const newPhone = () => `+4915123${600_000 + phones++}`
const place = {
  origin: server.origin,
  newPhone,
  codeFor: (address: string) => server.codeFor(address),
}
const userData = await mkdtemp(join(tmpdir(), 'sotto-browser-profile-'))
const context = await chromium.launchPersistentContext(userData, {
  ...playwrightConfig.use?.launchOptions,
  baseURL: origin,
  viewport: { width: 1280, height: 800 },
})

const alice = await Person.in(context, server)
await alice.signUpByPhone(newPhone(), 'Alice Ashdown')
const bob = await Correspondent.signUp(place, contact, { withRsa: true })
const ecdh = await converse(alice, bob)
for (const [n, text] of long.entries()) {
  if (n % 3 === 0) await bob.send(ecdh, text)
  else await alice.send(text)
  await alice.sees(text)
}
await alice.page.getByRole('link', { name: 'Safety number', exact: true }).click()
await alice.page.getByRole('button', { name: 'Mark as verified' }).click()
await alice.page.getByText('Verified by you').waitFor()
// Bob has already accepted Alice.
await alice.startConversation(contact, 'rsa')
const { id: rsa } = await eventually('the second conversation', () =>
  bob.conversations().find(({ protocol }) => protocol === 'rsa'),
)
await bob.send(rsa, answer)
await alice.sees(answer)
await alice.composer.fill(draft)
await bob.leave()
await server.stop()
await alice.openConversation('ecdh')
await alice.send(waiting)
await alice.sees(waiting)
await context.close()

await cp(indexedDbIn(userData), folder, { recursive: true })
await rm(userData, { recursive: true })
