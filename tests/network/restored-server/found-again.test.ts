import { expect, test } from 'vitest'
import { copyDatabase } from '../database-copies.ts'
import { TestNetwork } from '../network.ts'
import type { Person } from '../people.ts'
import { expectSame, writtenBy } from './same-timelines.ts'
import { talkPastCopy } from './talk-past-copy.ts'

const signedOut = async (people: readonly Person[]) => {
  for (const { device } of people) {
    expect(await device.stage('signed_out')).toMatchObject({ reason: 'account_gone' })
  }
}

/** Two people exchange messages, then their server is empty; `copy` is its backup. */
async function talkThenEmpty(network: TestNetwork) {
  const empty = await copyDatabase(network)
  const talked = await talkPastCopy(network, 'ecdh')
  await empty.restore()
  await signedOut([talked.alice, talked.bob])
  return talked
}

test('devices that meet the server before its backup is restored continue afterwards', async () => {
  await using network = await TestNetwork.start()
  const { alice, bob, id, copy } = await talkThenEmpty(network)

  await copy.restore()
  await alice.commands.reconnect()
  await bob.commands.reconnect()
  for (const { device } of [alice, bob]) await device.stage('ready')
  await alice.send(id, 'a5')
  await bob.send(id, 'b5')

  await expectSame(id, [alice, bob], 10)
  expect(writtenBy(alice, bob, id)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5'])
  expect(writtenBy(bob, alice, id)).toEqual(['b1', 'b2', 'b3', 'b4', 'b5'])
  for (const { device } of [alice, bob]) expect(device.failures).toEqual([])
})

test('an app that is opened again after the restore continues, and so does one that was left open', async () => {
  await using network = await TestNetwork.start()
  const { alice, bob, id, copy } = await talkThenEmpty(network)
  await alice.device.close()

  await copy.restore()
  await bob.device.stage('ready')
  await alice.device.open()
  await alice.device.stage('ready')

  await expectSame(id, [alice, bob], 8)
})

test('a person who logs out in the meantime stays logged out', async () => {
  await using network = await TestNetwork.start()
  const empty = await copyDatabase(network)
  const alice = await network.person('alice')
  const copy = await copyDatabase(network)
  await empty.restore()
  await signedOut([alice])
  await alice.commands.logOut({ forget: false })
  expect(alice.device.session()).toEqual({ stage: 'signed_out' })

  await copy.restore()
  await alice.commands.reconnect()
  await alice.device.close()
  await alice.device.open()

  expect(alice.device.session()).toEqual({ stage: 'signed_out' })
  await alice.enter(alice.device)
  await alice.device.stage('ready')
})

test('a session that an older backup has lost continues when a newer one replaces it', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const older = await copyDatabase(network)
  const tablet = await alice.addLockedDevice()
  const newer = await copyDatabase(network)
  await older.restore()
  // Its keys were not unlocked, so it cannot prove itself.
  await expect(tablet.commands.unlockWithRecoveryCode(alice.recoveryCode)).rejects.toThrow()
  expect(await tablet.stage('signed_out')).toMatchObject({ reason: 'session_lost' })

  await newer.restore()

  await tablet.stage('locked')
  await tablet.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await tablet.online()
})
