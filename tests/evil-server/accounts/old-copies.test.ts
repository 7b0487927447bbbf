import { ClientError } from '@sotto/sdk'
import { expect, test } from 'vitest'
import { copyDatabase } from '../../network/database-copies.ts'
import { eventually } from '../../network/eventually.ts'
import { TestNetwork } from '../../network/network.ts'
import type { Person } from '../../network/people.ts'
import { storedValue } from '../../network/stored-value.ts'
import { BadOwner } from '../bad-owner.ts'

// A server may keep old copies of everything. Statements signed by the account's own keys show even a new device, which
// remembers nothing, that they are old.

const refused = expect.objectContaining({ code: 'untrusted_answer' })

/** Waits until this version of the contacts box is in the manifest, on the server and on the device. */
async function manifestNames(owner: BadOwner, { accountId, device }: Person, contacts: number) {
  await eventually('the manifest', async () => {
    const statement = await owner.manifestOf(accountId)
    const own = (await storedValue(device.storage, 'account', 'own')) as {
      manifest: { statement: string; boxes: { contacts: number } }
    }
    return own.manifest.statement === statement && own.manifest.boxes.contacts >= contacts
  })
}

test('a new device notices an old contacts box, and sends nothing', async () => {
  await using network = await TestNetwork.start()
  const owner = await BadOwner.of(network.database)
  const [alice, bob] = await network.people('alice', 'bob')
  const { accountId } = alice
  const first = await owner.box(accountId, 'contacts')
  const id = await alice.startConversation(bob)
  await alice.device.verify(bob.accountId)
  await manifestNames(owner, alice, 3)
  const newest = await owner.box(accountId, 'contacts')
  await owner.setBox(accountId, 'contacts', first)

  const device = await alice.addLockedDevice()
  await device.commands.unlockWithRecoveryCode(alice.recoveryCode)

  await expect.poll(() => device.failures).toContainEqual(refused)
  await expect
    .poll(() => device.client.snapshot({ view: 'doubt' }))
    .toMatchObject({ untrustedAt: expect.any(Number) })
  expect(device.client.snapshot({ view: 'connection' })?.state).not.toBe('online')

  await owner.setBox(accountId, 'contacts', newest)
  await device.close()
  await device.open()
  await device.online()
  await device.conversation(id)
  expect(device.contact(bob.accountId)?.trust).toBe('verified')
})

test('with a missing or old manifest no new device is unlocked', async () => {
  await using network = await TestNetwork.start()
  const owner = await BadOwner.of(network.database)
  const [alice] = await network.people('alice')
  const { accountId } = alice
  const first = await owner.manifestOf(accountId)
  await alice.commands.updateProfile({ name: 'Alice the Second', picture: null })
  const newest = await owner.manifestOf(accountId)
  const device = await alice.addLockedDevice()

  await network.database.sql`delete from chat.manifests where account_id = ${accountId}`
  await expect(device.commands.unlockWithRecoveryCode(alice.recoveryCode)).rejects.toEqual(refused)
  await network.database.sql`
    insert into chat.manifests (account_id, version, manifest) values (${accountId}, 1, ${first})`

  // The record is newer than the old manifest says, which a crash in between would leave, too.
  await device.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await owner.setManifest(accountId, newest)
  await eventually('the device to know the newest manifest', async () => {
    const own = (await storedValue(device.storage, 'account', 'own')) as {
      manifest: { version: number }
    }
    return own.manifest.version > 1
  })
})

test('a message from another of our devices reveals that the server withholds a manifest', async () => {
  await using network = await TestNetwork.start()
  const owner = await BadOwner.of(network.database)
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await manifestNames(owner, alice, 2)
  const { accountId } = alice
  const [older, olderBox] = [
    await owner.manifestOf(accountId),
    await owner.box(accountId, 'contacts'),
  ]
  await alice.device.verify(bob.accountId)
  await manifestNames(owner, alice, 3)
  await alice.send(id, 'after the number was compared')
  await alice.device.close()
  await owner.setManifest(accountId, older)
  await owner.setBox(accountId, 'contacts', olderBox)

  const device = await alice.addLockedDevice()
  await device.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await device.conversation(id)
  await device.wholeHistory(id, 1)

  await expect.poll(() => device.failures).toContainEqual(refused)
})

test('a contact notices that the server withholds a newer record', async () => {
  await using network = await TestNetwork.start()
  const owner = await BadOwner.of(network.database)
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await bob.device.conversation(id)
  const record = await owner.recordOf(alice.accountId)
  await bob.device.close()
  await alice.commands.updateProfile({ name: 'Alice the Second', picture: null })
  await alice.send(id, 'under the new name')
  await owner.publish(alice.accountId, { record })

  await bob.device.open()

  await bob.device.message(id, ({ text }) => text === 'under the new name')
  await expect.poll(() => bob.device.failures).toContainEqual(refused)
})

test('after a restore, a replaced recovery code opens nothing', async () => {
  await using network = await TestNetwork.start()
  const [alice] = await network.people('alice')
  const old = alice.recoveryCode
  const copy = await copyDatabase(network)
  const { recoveryCode, askedGroup } = await alice.commands.renewRecoveryCode()
  await alice.commands.confirmRecovery(recoveryCode.split('-')[askedGroup - 1] ?? '')

  await copy.restore()
  await alice.device.online()
  const owner = await BadOwner.of(network.database)
  const { accountId } = alice
  await eventually('the manifest to be put back', async () => {
    const own = (await storedValue(alice.device.storage, 'account', 'own')) as {
      manifest: { statement: string }
    }
    return (await owner.manifestOf(accountId)) === own.manifest.statement
  })

  const device = await alice.addLockedDevice()
  const withOld = device.commands.unlockWithRecoveryCode(old)
  await expect(withOld).rejects.toMatchObject({ code: 'recovery_code_wrong' })
  await device.commands.unlockWithRecoveryCode(recoveryCode)
  await device.online()
  const bugs = alice.device.failures.filter((failure) => !(failure instanceof ClientError))
  expect(bugs).toEqual([])
})

test('a replaced recovery code opens nothing when only its wrap was put back', async () => {
  await using network = await TestNetwork.start()
  const owner = await BadOwner.of(network.database)
  const [alice] = await network.people('alice')
  const { accountId } = alice
  const old = alice.recoveryCode
  const wrap = (await owner.wraps(accountId)).find(({ kind }) => kind === 'recovery_code')
  const { recoveryCode, askedGroup } = await alice.commands.renewRecoveryCode()
  await alice.commands.confirmRecovery(recoveryCode.split('-')[askedGroup - 1] ?? '')

  await alice.device.close()
  await owner.setWrap(accountId, 'recovery_code', wrap?.ciphertext ?? '')

  const device = await alice.addLockedDevice()
  await expect(device.commands.unlockWithRecoveryCode(old)).rejects.toEqual(refused)
})
