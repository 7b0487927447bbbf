import type { ConversationId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { expectCurrentManifest } from '../../network/current-manifest.ts'
import { TestNetwork } from '../../network/network.ts'
import type { Person } from '../../network/people.ts'
import { storedValue } from '../../network/stored-value.ts'
import { BadOwner } from '../bad-owner.ts'
import { forgeAccount } from '../forged-account.ts'
import { expectShown, whileAway } from '../shown.ts'

let network: TestNetwork
let owner: BadOwner

beforeAll(async () => {
  network = await TestNetwork.start()
  owner = await BadOwner.of(network.database)
})
afterAll(() => network[Symbol.asyncDispose]())

/** Alice and Bob, who have exchanged a message. */
async function acquaintances(): Promise<{ alice: Person; bob: Person; id: ConversationId }> {
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'hello')
  await expectShown(bob.device, id, ['hello'])
  // Anything still on its way would undo what the owner does.
  await alice.device.eventually('to have written what it knows of Bob', async () => {
    const contact = await storedValue(alice.device.storage, 'contacts', bob.accountId)
    return (contact as { dirty: boolean }).dirty === false
  })
  await expectCurrentManifest(network, alice.accountId)
  return { alice, bob, id }
}

/** The owner shows their own key for a person. */
async function swapKey({ accountId }: Pick<Person, 'accountId'>): Promise<void> {
  const { record } = await forgeAccount(await owner.recordOf(accountId))
  await owner.publish(accountId, { record })
}

const refused = expect.objectContaining({ code: 'untrusted_answer' })

test('a key that is swapped before the first contact shows in the safety numbers', async () => {
  const [alice, bob] = await network.people('alice', 'bob')
  const record = await owner.recordOf(bob.accountId)
  await swapKey(bob)
  await alice.commands.startConversation(bob.accountId, 'ecdh')
  // The server shows the right one to Bob himself.
  await owner.publish(bob.accountId, { record })

  const hers = await alice.commands.safetyNumber(bob.accountId)
  const his = await bob.commands.safetyNumber(alice.accountId)

  expect(hers.digits).not.toBe(his.digits)
})

test('a key that is swapped after the first contact stops sending until the person decides', async () => {
  const { alice, bob, id } = await acquaintances()
  await alice.device.verify(bob.accountId)
  const { accountId } = bob
  await whileAway(alice, () => swapKey({ accountId }))

  const message = await alice.commands.send(id, 'for Bob only')
  await alice.device.message(id, ({ failure }) => failure === 'key_changed', 'the failure')

  expect(await owner.log(id)).toHaveLength(1)
  expect(alice.contact(bob)?.trust).toBe('key_changed')
  await expectShown(alice.device, id, ['hello', '[key_changed]', 'for Bob only'])
  await expect(alice.commands.send(id, 'again')).rejects.toMatchObject({ code: 'key_changed' })
  await expect(alice.device.verify(accountId)).rejects.toMatchObject({
    code: 'key_changed',
  })
  await expect(alice.commands.startConversation(accountId, 'rsa')).rejects.toMatchObject({
    code: 'key_changed',
  })

  await alice.device.acceptKey(accountId)
  expect(alice.contact(bob)?.trust).toBe('unverified')
  await alice.commands.retry(id, message)
  await alice.device.message(id, ({ seq }) => seq !== null && seq > 1, 'the message in the log')
})

test('a key that is swapped and put back does not restore the verified mark', async () => {
  const { alice, bob, id } = await acquaintances()
  await alice.device.verify(bob.accountId)
  const record = await owner.recordOf(bob.accountId)
  await whileAway(alice, () => swapKey(bob))
  await alice.commands.send(id, 'who is there?')
  await alice.device.message(id, ({ failure }) => failure === 'key_changed', 'the failure')

  await whileAway(alice, () => owner.publish(bob.accountId, { record }))
  alice.device.client.subscribe({ view: 'timeline', conversationId: id }, () => {})

  await expect.poll(() => alice.contact(bob)?.trust).toBe('unverified')
})

test('an older record is refused, and the newer one stays in use', async () => {
  const { alice, bob, id } = await acquaintances()
  const older = await owner.recordOf(bob.accountId)
  await bob.commands.updateProfile({ name: 'Bob the Second', picture: null })
  await expect.poll(() => alice.contact(bob)?.name).toBe('Bob the Second')

  await whileAway(alice, () => owner.publish(bob.accountId, { record: older }))
  await alice.send(id, 'still you?')

  await expectShown(bob.device, id, ['hello', 'still you?'])
  expect(alice.contact(bob)).toMatchObject({ name: 'Bob the Second', trust: 'unverified' })
  expect(alice.device.failures).toEqual([refused])
})

test('a record of another account is refused', async () => {
  const { alice, bob, id } = await acquaintances()
  const [carol, dave] = await network.people('carol', 'dave')
  const other = await owner.recordOf(carol.accountId)
  await owner.publish(dave.accountId, { record: other })
  await whileAway(alice, () => owner.publish(bob.accountId, { record: other }))

  await expect(alice.commands.startConversation(dave.accountId, 'ecdh')).rejects.toEqual(refused)
  await alice.send(id, 'still you?')

  await expectShown(bob.device, id, ['hello', 'still you?'])
  expect(alice.contact(dave)).toBeUndefined()
  expect(alice.contact(bob)).toMatchObject({ name: 'bob', trust: 'unverified' })
})

test('a picture other than the signed one is refused', async () => {
  const [alice, bob] = await network.people('alice', 'bob')
  await owner.publish(bob.accountId, { picture: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) })

  await expect(alice.commands.startConversation(bob.accountId, 'ecdh')).rejects.toEqual(refused)

  expect(alice.contact(bob)).toBeUndefined()
})

test('a record whose content was changed is refused', async () => {
  const [alice, bob] = await network.people('alice', 'bob')
  const [header, payload = '', signature] = (await owner.recordOf(bob.accountId)).split('.')
  const text = Buffer.from(payload, 'base64url').toString().replace('"bob"', '"bab"')
  const changed = [header, Buffer.from(text).toString('base64url'), signature].join('.')
  await owner.publish(bob.accountId, { record: changed })

  await expect(alice.commands.startConversation(bob.accountId, 'ecdh')).rejects.toEqual(refused)
})

test('a foreign key for our account is noticed and never used', async () => {
  const { alice, bob, id } = await acquaintances()
  const me = alice.device.me()
  const { digits } = await alice.commands.safetyNumber(bob.accountId)
  const { accountId } = alice
  await whileAway(alice, () => swapKey({ accountId }))

  await expect
    .poll(() => alice.device.session())
    .toMatchObject({ stage: 'ready', warning: 'own_key_replaced' })
  expect(alice.device.me()).toEqual(me)
  expect((await alice.commands.safetyNumber(bob.accountId)).digits).toBe(digits)
  await alice.send(id, 'with my own key')
  await expectShown(bob.device, id, ['hello', 'with my own key'])
})

test('a new era under a foreign key for our account overwrites neither boxes nor wraps', async () => {
  const { alice, bob, id } = await acquaintances()
  const { accountId } = alice
  const stored = async () => [
    await network.database
      .sql`select * from chat.boxes where account_id = ${accountId} order by name`,
    await network.database
      .sql`select * from auth.wraps where account_id = ${accountId} order by kind`,
  ]
  await whileAway(alice, async () => {
    await swapKey({ accountId })
    await network.database.sql`
      delete from chat.boxes where account_id = ${accountId} and name = 'keys'`
    await owner.beginEra()
  })
  const before = await stored()

  await alice.device.eventually('to be warned', () => {
    const session = alice.device.session()
    return session.stage === 'ready' && session.warning === 'own_key_replaced'
  })
  await alice.send(id, 'after the era')

  await bob.commands.reconnect()
  await expectShown(bob.device, id, ['hello', 'after the era'])
  expect(await stored()).toEqual(before)
})

test('a new era with an unsigned manifest is not followed', async () => {
  const { alice } = await acquaintances()
  const { accountId } = alice
  const manifest = await owner.manifestOf(accountId)
  let era = ''
  await whileAway(alice, async () => {
    await owner.setManifest(accountId, `${manifest.slice(0, -4)}AAAA`)
    era = await owner.beginEra()
  }).catch(() => {})

  await alice.device.eventually('to doubt the server', () => {
    return alice.device.client.snapshot({ view: 'doubt' })?.untrustedAt !== null
  })
  expect(await owner.manifestOf(accountId)).not.toBe(manifest)
  expect(await storedValue(alice.device.storage, 'account', 'era')).not.toBe(era)
})

test('a new device is not unlocked with account keys other than those in the box', async () => {
  const [alice] = await network.people('alice')
  await swapKey(alice)
  const device = await alice.addLockedDevice()

  await expect(device.commands.unlockWithRecoveryCode(alice.recoveryCode)).rejects.toEqual(refused)

  expect(device.session().stage).toBe('locked')
})

test.each([
  ['an older box', (older: number) => older],
  ['an older box that is called the newest', (older: number) => older + 1],
])('%s of own keys is refused', async (_, numbered) => {
  const [alice] = await network.people('alice')
  const older = await owner.box(alice.accountId, 'keys')
  await alice.commands.createRsaKey()

  await owner.setBox(alice.accountId, 'keys', { ...older, version: numbered(older.version) })

  await expect(alice.commands.exportPem(null)).rejects.toEqual(refused)
  expect(alice.device.me().hasRsaKey).toBe(true)
})

test('a new device is not unlocked with an older keys box', async () => {
  const [alice] = await network.people('alice')
  const older = await owner.box(alice.accountId, 'keys')
  await alice.commands.createRsaKey()
  await owner.setBox(alice.accountId, 'keys', older)
  const device = await alice.addLockedDevice()

  await expect(device.commands.unlockWithRecoveryCode(alice.recoveryCode)).rejects.toEqual(refused)
})

test.each([
  ['an older box', 1],
  ['an older box that is called the next', 4],
])('%s of pinned contacts is refused', async (_, version) => {
  const [alice, bob] = await network.people('alice', 'bob')
  const older = await owner.box(alice.accountId, 'contacts')
  await alice.startConversation(bob)
  await alice.device.verify(bob.accountId)
  const { accountId } = alice
  await expect.poll(async () => (await owner.box(accountId, 'contacts')).version).toBe(3)

  await whileAway(alice, () => owner.setBox(accountId, 'contacts', { ...older, version }))

  await expect.poll(() => alice.device.failures).toContainEqual(refused)
  expect(alice.contact(bob)?.trust).toBe('verified')
})
