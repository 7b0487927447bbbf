/**
 * Creates a profile in SQLite as this version writes it, for every later version to open.
 *
 * node tests/stored-profiles/make-sqlite-profile.ts tests/stored-profiles/profiles/<number>
 *
 * Run it once before each change of the stored format.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openSqliteStorage } from '@sotto/sdk/node'
import { Person } from '../network/people.ts'
import { ServerProcess } from '../programs/server-process.ts'
import { readContent } from './read-content.ts'

const [folder] = process.argv.slice(2)
if (folder === undefined)
  throw new Error('Usage: node tests/stored-profiles/make-sqlite-profile.ts FOLDER')
await mkdir(folder, { recursive: true })

// More than one page of a timeline.
const LONG = 36

await using server = await ServerProcess.start({ RATE_LIMIT_FACTOR: '100' })
let phones = 0
const place = {
  origin: server.origin,
  newPhone: () => `+4915123${500_000 + phones++}`,
  codeFor: (address: string) => server.codeFor(address),
}
const storage = openSqliteStorage(join(folder, 'device.db'))
const alice = await Person.signUp(place, 'Alice Ashdown', { storage, withRsa: true })
const bob = await Person.signUp(place, 'Bob Birnbaum', { withRsa: true })
const carol = await Person.signUp(place, 'Carol Castle')
const [ecdh, rsa] = [await alice.startConversation(bob), await bob.startConversation(alice, 'rsa')]
for (let n = 1; n <= LONG; n++) await (n % 3 ? alice : bob).send(ecdh, `message ${n} of many`)
await alice.send(rsa, 'by rsa, with 🏳️‍🌈 and مرحبا')
await bob.send(rsa, 'an answer, by rsa')
await alice.device.verify(bob.accountId)
const fromCarol = await carol.commands.startConversation(alice.accountId, 'ecdh')
await carol.send(fromCarol, 'hello, may I?')
await alice.device.conversation(fromCarol, ({ unread }) => unread === 1)
await alice.commands.markRead(ecdh)
await alice.commands.saveDraft(rsa, 'a draft, half written')
await alice.device.message(
  ecdh,
  ({ status, text }) => text.endsWith('35 of many') && status !== 'waiting',
)

await bob.leave()
await carol.leave()
await server.stop()
await alice.commands.send(ecdh, 'written while the server was away')
await alice.commands.send(rsa, 'and this one by rsa')
const content = await readContent(alice.device)
await alice.leave()
await writeFile(join(folder, 'content.json'), `${JSON.stringify(content, null, 2)}\n`)
