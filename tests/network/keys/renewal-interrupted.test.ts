import { createMemoryStorage } from '@sotto/sdk'
import { expect, test } from 'vitest'
import { copyDatabase } from '../database-copies.ts'
import type { TestDevice } from '../device.ts'
import { dyingStorage } from '../dying-storage.ts'
import { eventually } from '../eventually.ts'
import { held } from '../held-requests.ts'
import { TestNetwork, type TestNetworkOptions } from '../network.ts'
import type { Person } from '../people.ts'
import { storedValue } from '../stored-value.ts'

// A renewal of keys is completed, whatever happens in between (PROTOCOL.md §10.15).

test('a renewal that is interrupted anywhere is completed at the next start', async () => {
  await using network = await TestNetwork.start()
  let crashes = 0
  for (let writes = 0; writes < 40; writes++) {
    const dying = dyingStorage(createMemoryStorage())
    const [alice, bob] = await Promise.all([
      network.person('alice', { storage: dying.storage }),
      network.person('bob'),
    ])
    const { device } = alice
    const id = await alice.startConversation(bob)
    await bob.device.verify(alice.accountId)
    await alice.send(id, 'before')
    const stolen = await alice.addDevice()
    const stolenId = stolen.me().deviceId
    dying.dieAfter(writes)
    const isDone = await device.commands
      .deviceStolen(stolenId)
      .then(() => device.confirmRecovery())
      .then(
        () => true,
        () => false,
      )
    await device.close()
    const isWhole = isDone && !dying.isDead()

    dying.revive()
    await device.open()
    const session = await eventually('something to do', () => {
      const now = device.session()
      return now.stage !== 'starting' && now
    })
    // Before anything is stored, nothing has begun.
    const isRenewed = session.stage === 'confirm_recovery' || device.me().renewedAt !== null
    if (session.stage === 'confirm_recovery') alice.recoveryCode = await device.confirmRecovery()
    await device.online()
    await device.send(id, 'after')
    await bob.device.message(id, ({ text }) => text === 'after')
    expect(bob.contact(alice)?.trust).toBe('verified')
    if (isRenewed) {
      await stolen.stage('signed_out')
      const notices = () => bob.device.notices(id).map(({ kind }) => kind)
      await expect.poll(notices).toEqual(['keys_renewed'])
    }
    if (isRenewed && session.stage === 'confirm_recovery') {
      const fresh = await alice.addDevice()
      expect(await fresh.wholeHistory(id, 2)).toEqual(['before', 'after'])
    }
    expect(bob.device.failures).toEqual([])
    await Promise.all([alice.leave(), bob.leave()])
    if (isWhole) break
    crashes += 1
  }
  // The creation, seven uploads, the confirmation of the code: each of them is an interrupted step.
  expect(crashes).toBeGreaterThan(8)
  expect(crashes).toBeLessThan(40)
})

/** New keys without a signature wait here. */
const WAITING: TestNetworkOptions = { chat: { newKeysDelayHours: 24 } }

async function renew(
  person: Person,
  stolen: TestDevice,
  stolenId = stolen.me().deviceId,
): Promise<void> {
  await person.commands.deviceStolen(stolenId)
  person.recoveryCode = await person.device.confirmRecovery()
  await person.device.online()
}

test('the answer to every upload may get lost once', async () => {
  await using network = await TestNetwork.start(WAITING)
  let isLossy = false
  const lost = new Set<string>()
  const lossy: typeof fetch = async (address, options) => {
    const answer = await fetch(address, options)
    const what = `${options?.method} ${new URL(String(address)).pathname}`
    if (!isLossy || !/^(PUT|DELETE)/.test(what) || lost.has(what)) return answer
    lost.add(what)
    throw new TypeError('the answer got lost')
  }
  const [alice, bob] = await Promise.all([
    network.person('alice', { fetch: lossy, email: 'alice@example.org' }),
    network.person('bob'),
  ])
  const id = await alice.startConversation(bob)
  await bob.device.verify(alice.accountId)
  await alice.send(id, 'before')
  const stolen = await alice.addDevice()
  isLossy = true

  await alice.commands.deviceStolen(stolen.me().deviceId)
  // The person enters it again if that fails.
  const again = async () => {
    alice.recoveryCode = await alice.device.confirmRecovery().catch(again)
    return alice.recoveryCode
  }
  await again()
  await alice.device.online()

  expect(lost.size).toBeGreaterThan(6)
  await alice.send(id, 'after')
  await bob.device.message(id, ({ text }) => text === 'after')
  expect(bob.contact(alice)?.trust).toBe('verified')
  expect(alice.device.me().hasPassword).toBe(false)
  expect(bob.device.failures).toEqual([])
})

test("writes by another of the person's devices in the meantime do not stop it", async () => {
  await using network = await TestNetwork.start(WAITING)
  let isOther = () => true
  const [alice, bob, carol] = await Promise.all([
    network.person(
      'alice',
      held('PUT', '/users', () => isOther()),
    ),
    network.person('bob'),
    network.person('carol'),
  ])
  const id = await alice.startConversation(bob)
  await bob.device.verify(alice.accountId)
  const stolen = await alice.addDevice()
  const tablet = await alice.addDevice()
  let isWritten = false
  isOther = () => isWritten

  const renewal = renew(alice, stolen)
  await alice.device.stage('starting')
  await tablet.commands.updateProfile({ name: 'alice of the tablet', picture: null })
  await tablet.commands.startConversation(carol.accountId, 'ecdh')
  await tablet.eventually('to have written the pin', async () => {
    const contact = await storedValue(tablet.storage, 'contacts', carol.accountId)
    return (contact as { dirty: boolean } | undefined)?.dirty === false
  })
  isWritten = true
  await renewal

  await alice.send(id, 'after')
  await bob.device.message(id, ({ text }) => text === 'after')
  expect(bob.contact(alice)?.trust).toBe('verified')
  const fresh = await alice.addDevice()
  expect(await fresh.wholeHistory(id, 1)).toEqual(['after'])
})

test("if two of a person's devices renew the keys, the second renewal is discarded", async () => {
  await using network = await TestNetwork.start(WAITING)
  let isFirstDone = true
  const alice = await network.person('alice')
  const thief = await alice.addDevice(held('PUT', '/users', () => isFirstDone))
  isFirstDone = false
  const { deviceId } = thief.me()
  const second = thief.commands.deviceStolen(alice.device.me().deviceId).catch(() => {})
  await thief.stage('starting')

  await renew(alice, thief, deviceId)
  isFirstDone = true
  await second

  // Its session has ended or its keys were set aside: the account belongs to the first one.
  await thief.eventually('to be out', () => {
    const { stage } = thief.session()
    return stage === 'signed_out' || stage === 'locked'
  })
  expect(alice.device.session()).toMatchObject({ stage: 'ready' })
})

test('a restored server gets the keys back, with their history', async () => {
  await using network = await TestNetwork.start(WAITING)
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await bob.device.verify(alice.accountId)
  await alice.send(id, 'before')
  const stolen = await alice.addDevice()
  const copy = await copyDatabase(network)
  await renew(alice, stolen)
  await alice.send(id, 'after')
  await bob.device.message(id, ({ text }) => text === 'after')

  await copy.restore()

  await eventually('the successions to be there again', async () => {
    const rows = await network.database.sql`
      select 1 from chat.accounts where cardinality(successions) = 1`
    return rows.length === 1
  })
  await bob.send(id, 'welcome back')
  await alice.device.message(id, ({ text }) => text === 'welcome back')
  expect(bob.contact(alice)?.trust).toBe('verified')
  const fresh = await alice.addDevice()
  // The first to return writes first.
  const texts = ['before', 'after', 'welcome back'].toSorted()
  expect((await fresh.wholeHistory(id, 3)).toSorted()).toEqual(texts)
})
