import { hashWrap, keysOf, openKeyBox, signManifest, signWritten } from '@sotto/crypto'
import { ClientError } from '@sotto/sdk'
import { authRequests, type BoxName, chatRequests, writtenBox, writtenWrap } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { RawDevice } from '../../conformance/raw/raw-device.ts'
import { openRootSecret } from '../account-secrets.ts'
import { expectCurrentManifest } from '../current-manifest.ts'
import { TestNetwork } from '../network.ts'
import { Operator } from '../operator.ts'
import type { Person } from '../people.ts'
import { storedValue } from '../stored-value.ts'

let network: TestNetwork
let operator: Operator

beforeAll(async () => {
  network = await TestNetwork.start()
  operator = await Operator.on(network)
})
afterAll(async () => {
  await operator?.[Symbol.asyncDispose]()
  await network?.[Symbol.asyncDispose]()
})

/** The state at the start of the first day on which something was replaced. */
const firstDayOf = async (accountId: string) => (await operator.json('keys', accountId)).days.at(-1)

/** More than the account publishes afterwards. */
const MANIFESTS = 20
const nonsense = Buffer.alloc(60, 7).toString('base64url')

/**
 * Acts like an attacker with a log-in and an unlocked device: everything is overwritten, and
 * signed.
 */
async function spoil(victim: Person): Promise<RawDevice> {
  const { accountId: account } = victim
  const thief = await RawDevice.create(network)
  await thief.logIn(victim.phone ?? '')
  const rootSecret = await openRootSecret(network.database.sql, victim)
  const box = async (name: BoxName) => {
    const stored = (await thief.call(chatRequests.getBox, { params: { box: name } })).box
    if (!stored) throw new Error(`no ${name}`)
    return stored
  }
  const { identity } = await keysOf(await openKeyBox(rootSecret, account, await box('keys')))
  for (const name of ['keys', 'contacts'] as const) {
    const sealed = { version: (await box(name)).version + 1, ciphertext: nonsense }
    const write = await signWritten(identity, account, writtenBox(name, sealed), sealed.version)
    await thief.call(chatRequests.putBox, { params: { box: name }, body: { ...sealed, write } })
  }
  const wrap = { kind: 'recovery_code', ciphertext: nonsense } as const
  const version = (await thief.call(authRequests.listWraps, {})).version + 1
  const write = await signWritten(identity, account, writtenWrap(wrap), version)
  const body = { ciphertext: nonsense, write }
  await thief.call(chatRequests.putWrap, { params: { kind: wrap.kind }, body })
  const { manifest: stored } = await thief.call(chatRequests.getManifest, {})
  const before = JSON.parse(Buffer.from(stored?.split('.')[1] ?? '', 'base64url').toString())
  const boxes = { keys: (await box('keys')).version, contacts: (await box('contacts')).version }
  const wraps = { password: null, recovery_code: await hashWrap(wrap) }
  for (let n = 1; n <= MANIFESTS; n++) {
    const next = { ...before, boxes, wraps, version: before.version + n }
    const manifest = await signManifest(identity, next)
    await thief.call(chatRequests.putManifest, { body: { manifest } })
  }
  return thief
}

/** All sealed or signed data that the server has for an account's own devices. */
async function sealedOf(accountId: string) {
  const { sql } = network.database
  return [
    ...(await sql`select * from chat.boxes where account_id = ${accountId} order by name`),
    ...(await sql`select * from chat.manifests where account_id = ${accountId}`),
    ...(await sql`select * from auth.wraps where account_id = ${accountId} order by kind`),
  ]
}

const codeOf = (error: unknown) => (error instanceof ClientError ? error.code : undefined)

test('an account whose keys were overwritten is restored to the start of the day, with the code from that time', async () => {
  const [alice, bob] = [await network.person('alice'), await network.person('bob')]
  const id = await alice.startConversation(bob)
  await alice.send(id, 'before it was spoilt')
  const { accountId } = alice
  const knowing = alice.device
  const thief = await spoil(alice)
  // Her own device rejects what does not open, and continues with its own data.
  await knowing.eventually('to refuse it', () => knowing.failures.length > 0)
  await knowing.close()
  const lost = await alice.addLockedDevice()
  await expect(lost.commands.unlockWithRecoveryCode(alice.recoveryCode)).rejects.toThrow()

  const first = await firstDayOf(accountId)
  const { day } = first
  expect(first).toEqual({ day, keys: 1, contacts: 1, manifest: 1, wraps: 1, hasSameKeys: true })
  expect((await operator.run('keys', accountId)).printed).toContain(day)
  const put = await operator.json('put-keys-back', accountId, day)

  expect(put).toMatchObject({ keys: 1, contacts: 1, manifest: 1 })
  // Hers, the thief's, and the one that could not be unlocked.
  expect(put.ended).toBe(3)
  expect((await thief.refusal(authRequests.listWraps, {})).code).toBe('unauthenticated')
  const phone = await alice.addDevice()
  expect(await phone.wholeHistory(id, 1)).toEqual(['before it was spoilt'])
  await phone.send(id, 'and after it')
  await bob.device.message(id, ({ text }) => text === 'and after it')
  // Its own messages may name a later manifest than the one of that day; that is its only
  // complaint.
  expect(phone.failures.filter((error) => codeOf(error) !== 'untrusted_answer')).toEqual([])

  const last = (await operator.logged()).slice(-2)
  expect(last).toMatchObject([
    { who: 'ada', command: 'put-keys-back', outcome: 'began', accountId, day },
    { command: 'put-keys-back', outcome: 'done', keys: 1, contacts: 1, manifest: 1 },
  ])

  // The device that had seen the later manifest rejects the earlier one and does not overwrite it.
  // It works again when it is set up again.
  // Everything that it writes for the account has arrived.
  await phone.eventually('to write its pins', async () => {
    const contact = await storedValue(phone.storage, 'contacts', bob.accountId)
    return (contact as { dirty: boolean } | undefined)?.dirty === false
  })
  await expectCurrentManifest(network, accountId)
  await phone.close()
  const before = await sealedOf(accountId)
  await knowing.open()
  await alice.enter(knowing)
  const seen = knowing.failures.length
  await knowing.eventually('to refuse what is earlier', () => knowing.failures.length > seen)
  expect(await sealedOf(accountId)).toEqual(before)
  await knowing.commands.logOut({ forget: true })
  await alice.enter(knowing)
  await knowing.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await knowing.online()
  expect(await knowing.wholeHistory(id, 2)).toEqual(['before it was spoilt', 'and after it'])
})

test('nothing is restored for a day without changes, or under other keys', async () => {
  const carol = await network.person('carol')
  const { accountId } = carol
  expect((await operator.run('keys', accountId)).printed).toContain('Nothing was replaced')
  const refused = await operator.run('put-keys-back', accountId, '2026-01-31', '--yes')
  expect(refused).toMatchObject({ status: 1 })
  expect(refused.errors).toContain('keys ACCOUNT')
  expect(await operator.run('put-keys-back', accountId, 'yesterday')).toMatchObject({
    status: 2,
  })

  await carol.renewRecoveryCode()
  await carol.startOver()
  const { day } = await firstDayOf(accountId)
  const other = await operator.run('put-keys-back', accountId, day, '--yes')
  expect(other).toMatchObject({ status: 1 })
  expect(other.errors).toContain('other keys')
  expect(await carol.devices.at(-1)?.stage('ready')).toBeDefined()
})
