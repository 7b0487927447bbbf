import { createHash } from 'node:crypto'
import type { ConversationId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { asAdmin } from '../../postgres/as-admin.ts'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'
import { Operator } from '../operator.ts'
import type { Person } from '../people.ts'
import { Wiretap } from '../wiretap.ts'

let network: TestNetwork
let operator: Operator

beforeAll(async () => {
  network = await TestNetwork.start({ auth: { limitFactor: 1_000, membersInvite: true } })
  operator = await Operator.on(network)
})
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]()
  await network?.[Symbol.asyncDispose]()
})

/** The tables that contain one of these, in any encoding. */
async function tablesWith(...needles: readonly (string | Uint8Array)[]): Promise<string[]> {
  const { url } = network.database
  const wiretap = new Wiretap({ databaseUrl: url, logs: () => '', traffic: () => [] })
  const found = await Promise.all(needles.map((needle) => wiretap.find(needle)))
  const tables = found.flat().map(({ place }) => place)
  return [...new Set(tables)].filter((place) => place.startsWith('table ')).sort()
}

/** Traces of a person in a table: ids, address and their hashes in rate limits, the name. */
function tracesOf(person: Person, sessions: readonly string[]): (string | Uint8Array)[] {
  const address = person.phone ?? person.email ?? ''
  const { accountId } = person
  const deviceIds = person.devices.map((device) => device.me().deviceId)
  const counted = [address, accountId, ...deviceIds.map((deviceId) => accountId + deviceId)]
  const hashes = counted.map((text) => createHash('sha256').update(text).digest('base64url'))
  return [accountId, address, person.name, ...deviceIds, ...sessions, ...hashes]
}

async function sessionsOf({ accountId }: Person): Promise<string[]> {
  const { liveSessions } = await operator.json('account', accountId)
  return liveSessions.map(({ sessionId }: { sessionId: string }) => sessionId)
}

const usedBy = async ({ commands }: Person) => (await commands.storageUsage()).bytes.used

const isEnded = (person: Person, id: ConversationId) =>
  person.device.conversation(id, ({ state }) => state === 'ended')

test('all data of a removed account is deleted from every table, and others keep theirs', async () => {
  const name = 'Zacharias Quillfeather'
  const [alice, bob] = await network.people('alice', 'bob')
  const gone = await network.person(name, { withRsa: true, email: 'quillfeather@example.org' })
  await gone.addDevice()
  const id = await alice.startConversation(gone)
  const theirs = await gone.startConversation(bob)
  const other = await alice.startConversation(bob)
  const freeBefore = await usedBy(alice)
  await alice.send(id, 'the canary sings at dawn')
  await gone.device.message(id, ({ text }) => text === 'the canary sings at dawn')
  await gone.send(id, 'the canary sings at noon')
  await alice.device.message(id, ({ text }) => text === 'the canary sings at noon')
  await gone.send(theirs, 'and at night')
  await bob.device.message(theirs, ({ text }) => text === 'and at night')
  await bob.commands.answerRequest(theirs, 'blocked')
  await gone.commands.createInvitation({ uses: 1, days: 1 })
  await gone.device.commands.updateProfile({ name, picture: null })
  // Replaced data is kept for a while, and deleted with the account.
  await gone.renewRecoveryCode()
  const traces = tracesOf(gone, await sessionsOf(gone))
  expect(await tablesWith(...traces)).toEqual(
    expect.arrayContaining(
      [
        'auth.accounts',
        'auth.kept_wraps',
        'auth.sessions',
        'auth.rate_limits',
        'chat.accounts',
        'chat.devices',
        'chat.envelopes',
        'chat.kept_keys',
        'chat.participants',
        'chat.blocks',
        'chat.boxes',
        'chat.manifests',
        'chat.account_usage',
        'auth.invitations',
        'auth.passwords',
        'auth.wraps',
        'auth.known_networks',
      ].map((table) => `table ${table}`),
    ),
  )

  const { accountId } = gone
  expect(await operator.json('remove', accountId)).toMatchObject({ isGone: true })
  // The last events leave the outboxes a moment later.
  await eventually(
    'nothing to be found',
    async () => (await tablesWith(...traces, id, theirs)).length === 0,
  )
  expect(await tablesWith(...traces, id, theirs)).toEqual([])

  await gone.device.eventually('the end', () => {
    const session = gone.device.session()
    return session.stage === 'signed_out' && session.reason === 'account_gone'
  })
  await isEnded(alice, id)
  expect(await alice.device.wholeHistory(id, 2)).toEqual([
    'the canary sings at dawn',
    'the canary sings at noon',
  ])
  await expect(alice.commands.send(id, 'anybody there?')).rejects.toMatchObject({
    code: 'conversation_closed',
  })
  await expect(alice.commands.startConversation(accountId, 'ecdh')).rejects.toMatchObject({
    code: 'account_not_found',
  })
  // Their quota is freed, and their other conversations continue.
  expect(await usedBy(alice)).toBeLessThan(freeBefore)
  await alice.send(other, 'is anything missing?')
  await bob.device.message(other, ({ text }) => text === 'is anything missing?')
  expect([...alice.device.failures, ...bob.device.failures]).toEqual([])
  // The same address creates an account as if there had never been one.
  const next = await network.person('somebody else', { email: 'quillfeather@example.org' })
  expect(next.accountId).not.toBe(accountId)
})

test('a request from a removed account disappears', async () => {
  const [bob, spammer] = await network.people('bothered', 'spammer')
  const id = await spammer.commands.startConversation(bob.accountId, 'ecdh')
  await spammer.commands.send(id, 'buy this')
  await bob.device.conversation(id, ({ state }) => state === 'request')
  await operator.json('remove', spammer.accountId)
  await bob.device.eventually('no request', () => {
    const listed = bob.device.client.snapshot({ view: 'conversations' }) ?? []
    return listed.every((conversation) => conversation.id !== id)
  })
  expect(bob.device.failures).toEqual([])
})

test('a person who was away when an account was removed learns it by writing, and the message fails', async () => {
  const [alice, bob] = await network.people('away', 'gone meanwhile')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'hello')
  await bob.nextMessage()
  await alice.device.close()
  await operator.json('remove', bob.accountId)

  await alice.device.open()
  await alice.device.online()
  await alice.commands.send(id, 'are you there?')
  await alice.device.message(id, ({ failure }) => failure === 'conversation_not_found')
  await isEnded(alice, id)
  expect(alice.device.failures).toEqual([])
})

test('a removal interrupted by a crash continues at the next start', async () => {
  const [alice, bob] = await network.people('half', 'whole')
  const id = await alice.startConversation(bob)
  for (let n = 0; n < 5; n += 1) await alice.send(id, `message ${n}`)
  await bob.device.message(id, ({ text }) => text === 'message 4')
  const { accountId } = alice
  const traces = [accountId, alice.phone ?? '', id]
  const { sql, url } = network.database
  // The database fails halfway, for every attempt.
  await asAdmin(url, async (admin) => {
    await admin`create function chat.refuse() returns trigger language plpgsql as $$
      begin raise exception 'not now'; end $$`
    await admin`create trigger refuse before delete on chat.envelopes
      for each row execute function chat.refuse()`
  })
  const asked = await operator.json('remove', accountId, '--wait', '0')
  expect(asked).toMatchObject({ isGone: false })
  await eventually('the first half', async () => {
    const rows = await sql`select from chat.conversations_to_remove where conversation_id = ${id}`
    return rows.length === 1
  })
  // Halfway, no one can log in or read, and it cannot be canceled.
  expect(await operator.json('account', accountId)).toMatchObject({
    published: null,
    sessions: 0,
  })
  await expect(alice.enter(alice.device)).rejects.toMatchObject({ code: 'unavailable' })
  expect(await operator.run('resume', accountId)).toMatchObject({ status: 1 })
  expect((await operator.run('account', accountId)).printed).toContain('being removed')

  await network.stop()
  await asAdmin(url, (admin) => admin`drop trigger refuse on chat.envelopes`)
  await network.startAgain()
  await eventually('nothing to be found', async () => (await tablesWith(...traces)).length === 0)
  expect(await tablesWith(...traces)).toEqual([])
  expect(await operator.run('account', accountId)).toMatchObject({ status: 1 })
})
