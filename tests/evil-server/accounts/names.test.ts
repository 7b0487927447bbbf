import { type AccountKeys, encodeBase64url, hashPicture, signRecord } from '@sotto/crypto'
import { expect, test } from 'vitest'
import { copyDatabase } from '../../network/database-copies.ts'
import { TestNetwork } from '../../network/network.ts'
import type { Person } from '../../network/people.ts'
import { storedValue } from '../../network/stored-value.ts'
import { makePictureBomb } from '../../services/made-pictures.ts'
import { BadOwner } from '../bad-owner.ts'
import { forgeAccount } from '../forged-account.ts'

// Names that an honest server refuses now, but may still have stored from before.

test('a record with an old kind of name counts, and the name is shown in a safe form', async () => {
  await using network = await TestNetwork.start()
  const owner = await BadOwner.of(network.database)
  const [alice, bob] = await network.people('alice', 'bob')
  const { record } = await forgeAccount(await owner.recordOf(bob.accountId), {
    name: '✓ verified  B\u200bob\u200f',
  })
  await owner.publish(bob.accountId, { record })

  await alice.commands.startConversation(bob.accountId, 'ecdh')

  expect(alice.contact(bob)?.name).toBe('Bob')
})

test('a name in the list of members is shown in a safe form', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  await network.database.sql`
    update chat.accounts set name = 'bob 🔒 \u{e0041}' where account_id = ${bob.accountId}`

  const { people } = await alice.commands.listPeople('bob', null)

  expect(people.map(({ name }) => name)).toEqual(['bob'])
})

test('an account with an old kind of name and picture keeps working, without what is no longer accepted', async () => {
  await using network = await TestNetwork.start()
  const owner = await BadOwner.of(network.database)
  const [alice, bob] = await network.people('alice', 'bob')
  await publishOldRecord(bob, owner)

  await bob.commands.createRsaKey()

  await alice.startConversation(bob)
  expect(alice.contact(bob)).toMatchObject({ name: 'Bob', picture: null, hasRsaKey: true })
})

test('a restored server gets a record that it accepts in place of an old one', async () => {
  await using network = await TestNetwork.start()
  const owner = await BadOwner.of(network.database)
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const copy = await copyDatabase(network)
  await bob.commands.updateProfile({ name: 'bob two', picture: null })
  await publishOldRecord(bob, owner)

  await copy.restore()
  // Alice may be back later than his record: she asks for it because the message names it.
  await bob.commands.send(id, 'I am back')

  await alice.device.eventually('to see the name', () => alice.contact(bob)?.name === 'Bob')
  expect(bob.device.failures).toEqual([])
})

/** A device and a server with an account from before there were rules for names. */
async function publishOldRecord(bob: Person, owner: BadOwner): Promise<void> {
  const { accountId, device } = bob
  const own = await device.own()
  await device.close()
  const picture = makePictureBomb()
  const record = {
    ...own.record,
    name: '✓ Ｂｏｂ',
    pictureSha256: await hashPicture(Uint8Array.from(picture)),
  }
  const { identity } = (await storedValue(device.storage, 'keys', 'account')) as AccountKeys
  const statement = await signRecord(identity, record)
  const value = { ...own, record, statement, picture: encodeBase64url(picture) }
  await device.storage.write([{ put: 'account', key: 'own', value: { v: 2, value } }])
  await owner.publish(accountId, { record: statement, picture })
  await device.open()
  await device.online()
}
