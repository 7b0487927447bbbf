import { hashWrap } from '@sotto/crypto'
import type { Wrap } from '@sotto/wire'
import { expect, test } from 'vitest'
import { expectCurrentManifest } from '../current-manifest.ts'
import { copyDatabase } from '../database-copies.ts'
import type { TestDevice } from '../device.ts'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'

// A person's devices have created different recovery codes, some before a backup was restored and
// some afterwards.

test('two devices with codes that did not replace each other agree on one of them', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const { accountId } = alice
  const phone = await alice.addDevice()
  const tablet = await alice.addDevice()
  const copy = await copyDatabase(network)
  await phone.close()
  await alice.renewRecoveryCode()
  const first = alice.recoveryCode
  // A device reads the manifest when it connects.
  await network.stop()
  await network.startAgain()
  await eventually('the tablet to know that', async () => {
    return (await wrapIn(tablet)) === (await wrapIn(alice.device))
  })
  await tablet.commands.createRsaKey()
  await expectCurrentManifest(network, accountId)
  await alice.device.close()
  await tablet.close()

  await copy.restore()
  await phone.open()
  await phone.online()
  await alice.renewRecoveryCode(phone)
  const codes = [first, alice.recoveryCode]
  const devices = [alice.device, tablet, phone]
  for (const device of devices.slice(0, 2)) {
    await device.open()
    await device.online()
  }
  for (let round = 0; round < 3; round++) {
    for (const device of devices) await device.commands.reconnect()
    await expectCurrentManifest(network, accountId)
  }

  await eventually('all to name the same wrap', async () => {
    for (const device of devices) await device.commands.reconnect()
    return new Set(await Promise.all(devices.map(wrapIn))).size === 1
  })
  const version = async () => (await phone.own()).manifest.version
  await eventually('no device to change it again', async () => {
    const before = await version()
    for (const device of devices) {
      await device.close()
      await device.open()
      await device.online()
      await expectCurrentManifest(network, accountId)
    }
    return (await version()) === before
  })
  const browser = await alice.addLockedDevice()
  const named = await wrapIn(phone)
  const [stored] = await network.database.sql<Wrap[]>`
    select kind, ciphertext from auth.wraps where account_id = ${accountId}`
  expect(stored && (await hashWrap(stored))).toBe(named)
  for (const code of codes) await browser.commands.unlockWithRecoveryCode(code).catch(() => {})
  expect(browser.session().stage).toBe('ready')
})

/** The hash of the recovery code's wrap in a device's manifest. */
async function wrapIn(device: TestDevice): Promise<string | null> {
  return (await device.own()).manifest.wraps.recovery_code
}

/** The hash of the recovery code's wrap on a device. */
async function wrapOn(device: TestDevice): Promise<string> {
  const { wraps } = await device.own()
  return hashWrap(wraps.find(({ kind }) => kind === 'recovery_code') as Wrap)
}

test('a replaced recovery code opens nothing, although a device that was away restores it', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob, carol] = await network.people('alice', 'bob', 'carol')
  const phone = await alice.addDevice()
  const { accountId } = alice
  await alice.startConversation(bob)
  await expectCurrentManifest(network, accountId)
  const copy = await copyDatabase(network)
  await phone.close()
  const formerCode = alice.recoveryCode
  await alice.renewRecoveryCode()
  await alice.device.close()

  await copy.restore()
  await phone.open()
  await phone.commands.startConversation(carol.accountId, 'ecdh')
  await expectCurrentManifest(network, accountId)
  await alice.device.open()

  await eventually('a manifest to name the newest wrap', async () => {
    await phone.commands.reconnect()
    return (await wrapIn(phone)) === (await wrapOn(alice.device))
  })
  const browser = await alice.addLockedDevice()
  await expect(browser.commands.unlockWithRecoveryCode(formerCode)).rejects.toThrow()
  await browser.commands.unlockWithRecoveryCode(alice.recoveryCode)
})

test('a recovery code created after the restore wins, although another device has a later manifest', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob, carol] = await network.people('alice', 'bob', 'carol')
  const phone = await alice.addDevice()
  const { accountId } = alice
  const copy = await copyDatabase(network)
  await phone.close()
  for (const other of [bob, carol]) await alice.startConversation(other)
  await alice.commands.createRsaKey()
  await expectCurrentManifest(network, accountId)
  await alice.device.close()

  await copy.restore()
  await phone.open()
  await phone.online()
  await alice.renewRecoveryCode(phone)
  await phone.close()
  await alice.device.open()
  await alice.device.online()
  await expectCurrentManifest(network, accountId)
  await phone.open()

  const newest = await wrapOn(phone)
  await eventually('a manifest to name the newest wrap', async () => {
    await alice.commands.reconnect()
    return (await wrapIn(alice.device)) === newest
  })
  await alice.addDevice()
})
