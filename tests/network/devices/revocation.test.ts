import { expect, test } from 'vitest'
import { expectCurrentManifest } from '../current-manifest.ts'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'
import { storedValue } from '../stored-value.ts'

test('a revoked device is logged out immediately, and cannot read, refresh or write', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const laptop = await alice.addDevice()
  await laptop.conversation(id)
  const { refreshToken } = (await storedValue(laptop.storage, 'account', 'login')) as {
    refreshToken: string
  }

  await alice.device.revoke(laptop)

  expect(await laptop.stage('signed_out')).toMatchObject({ reason: 'session_ended' })
  const answer = await fetch(`${network.origin}/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh_token: refreshToken }),
  })
  expect(await answer.json()).toMatchObject({ code: 'refresh_refused' })
  const [row] = await network.database.sql`
    select count(*) from chat.devices
    where account_id = ${alice.accountId} and revoked_at is not null`
  expect(row).toEqual({ count: 1 })
})

test('messages that a device wrote before it was revoked stay readable, even on later devices', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { withRsa: true })
  const bob = await network.person('bob', { withRsa: true })
  const id = await alice.startConversation(bob, 'rsa')
  const laptop = await alice.addDevice()
  await laptop.conversation(id)
  await laptop.send(id, 'from the laptop')
  await bob.device.message(id, ({ text }) => text === 'from the laptop')

  await alice.device.revoke(laptop)
  await laptop.stage('signed_out')

  for (const person of [alice, bob]) {
    const later = await person.addDevice()
    await later.conversation(id)
    expect(await later.wholeHistory(id, 1)).toEqual(['from the laptop'])
    expect(later.notices(id)).toEqual([])
  }
})

test('a revoked device that logs in again is a different device', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const laptop = await alice.addDevice()
  await laptop.conversation(id)
  const { deviceId } = laptop.me()
  await alice.device.revoke(laptop)
  await laptop.stage('signed_out')

  await alice.enter(laptop)
  await laptop.online()

  expect(laptop.me().deviceId).not.toBe(deviceId)
  await laptop.send(id, 'back again')
  await bob.device.message(id, ({ text }) => text === 'back again')
  expect(bob.device.notices(id)).toEqual([])
})

test('a device that deletes its data revokes itself first', async () => {
  await using network = await TestNetwork.start()
  const [alice] = await network.people('alice')
  const laptop = await alice.addDevice()
  const { deviceId } = laptop.me()

  await laptop.commands.logOut({ forget: true })

  const [row] = await network.database.sql`
    select revoked_at from chat.devices where device_id = ${deviceId}`
  expect(row?.revoked_at).not.toBeNull()
})

test('another device publishes the manifest for one that revoked itself, on its existing connection', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { ownDeviceWaitMs: 0 })
  const { accountId } = alice
  const phone = await alice.addDevice()

  await phone.commands.logOut({ forget: true })

  await expectCurrentManifest(network, accountId)
})

test('another device publishes the manifest for one that stopped after writing the contacts', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { ownDeviceWaitMs: 0 })
  const bob = await network.person('bob')
  const phone = await alice.addDevice({
    fetch: async (url, init) => {
      const isManifest = init?.method === 'PUT' && String(url).endsWith('/manifest')
      return isManifest ? Response.json({ code: 'unavailable' }, { status: 503 }) : fetch(url, init)
    },
  })

  await phone.commands.startConversation(bob.accountId, 'ecdh')

  await expectCurrentManifest(network, alice.accountId)
})

test('logging out for now revokes nothing: the same device returns', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const { deviceId } = alice.device.me()

  await alice.commands.logOut({ forget: false })
  await alice.enter(alice.device)
  await alice.device.online()

  expect(alice.device.me().deviceId).toBe(deviceId)
  await alice.send(id, 'back again')
})

test('new keys end every other session, revoke every other device, and reject what those still write', async () => {
  await using network = await TestNetwork.start()
  const [alice] = await network.people('alice')
  const { accountId } = alice
  const laptop = await alice.addDevice()
  const old = [alice.device, laptop]

  const device = await alice.startOver()

  for (const one of old) {
    expect(await one.stage('signed_out')).toMatchObject({ reason: 'session_ended' })
  }
  expect(await device.commands.listSessions()).toHaveLength(1)
  const rows = await network.database.sql`
    select revoked_at is null as "isLive" from chat.devices where account_id = ${accountId}`
  expect(rows.filter(({ isLive }) => isLive)).toHaveLength(1)
  // After logging in again, an old device has invalid keys: it asks for the new code, and keeps
  // them.
  await alice.enter(laptop)
  await laptop.stage('locked')
  const kept = await laptop.storage.range('keys', { from: 'aside/', below: 'aside/~' })
  expect(kept).toMatchObject([{ value: { value: { accountId } } }])
  await laptop.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await laptop.online()
  expect(laptop.me().name).toBe('alice')
})

test('messages under a replaced key count up to its end on every device, and no further', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const { accountId } = alice
  const laptop = await bob.addDevice()
  const id = await alice.startConversation(bob)
  await alice.send(id, 'under the old key')
  await laptop.message(id, ({ text }) => text === 'under the old key')
  await bob.device.verify(accountId)

  await alice.startOver()
  await bob.device.conversation(id, ({ participants: [other] }) => other?.trust === 'key_changed')
  await bob.device.acceptKey(accountId)

  await eventually('the laptop to know it', () => {
    return laptop.items(id).some(({ kind }) => kind === 'key_changed')
  })
  const tablet = await bob.addDevice()
  await tablet.conversation(id)
  for (const device of [bob.device, laptop, tablet]) {
    expect(await device.wholeHistory(id, 1)).toEqual(['under the old key'])
    expect(device.notices(id).map(({ kind }) => kind)).toEqual(['key_changed'])
    const { formerKeys } = (await storedValue(device.storage, 'contacts', accountId)) as {
      formerKeys: { ends: unknown[] }[]
    }
    expect(formerKeys).toMatchObject([{ ends: [{ conversation: id, seq: 1 }] }])
  }
})
