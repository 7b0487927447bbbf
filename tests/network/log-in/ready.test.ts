import type { AccountId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { TestDevice } from '../device.ts'
import { TestNetwork } from '../network.ts'

test('after signing up, the first view with stage ready allows every command', async () => {
  await using network = await TestNetwork.start()
  const bob = await network.person('bob')
  const { device, first } = await ready(network, bob.accountId)
  const phone = network.newPhone()
  const { challengeId } = await device.commands.startPhone(phone)
  await device.commands.verifyPhone(challengeId, await network.codeFor(phone))
  await device.commands.createProfile({ name: 'alice', picture: null, withRsa: false })

  await device.confirmRecovery()

  expect(device.session().stage).toBe('ready')
  expect(await first).toEqual([])
  await device.close()
})

test('so does the first one after a reload', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  await alice.device.close()

  await alice.device.open()

  expect(alice.device.session().stage).toBe('ready')
  expect(await refused(alice.device, bob.accountId)).toEqual([])
})

test('so does the first one after logging out and in again', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  await alice.commands.logOut({ forget: false })
  const first = refusedAtFirst(alice.device, bob.accountId)

  await alice.enter(alice.device)

  expect(alice.device.session().stage).toBe('ready')
  expect(await first).toEqual([])
})

test('so does the first one after the recovery code has opened the keys', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const second = await alice.addLockedDevice()
  const first = refusedAtFirst(second, bob.accountId)

  await second.commands.unlockWithRecoveryCode(alice.recoveryCode)

  expect(second.session().stage).toBe('ready')
  expect(await first).toEqual([])
})

test('so does the first one after the password has opened the keys', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { email: 'alice@example.org' })
  const bob = await network.person('bob')
  const { device, first } = await ready(network, bob.accountId)

  await device.commands.logIn(alice.email ?? '', alice.password)

  expect(device.session().stage).toBe('ready')
  expect(await first).toEqual([])
  await device.close()
})

test('so does the first one after starting with new keys', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const second = await alice.addLockedDevice()
  const first = refusedAtFirst(second, bob.accountId)

  await second.commands.startWithNewKeys({ name: 'alice', picture: null })
  await second.confirmRecovery()

  expect(second.session().stage).toBe('ready')
  expect(await first).toEqual([])
})

test('during a log-out no view says ready, and nothing is unlocked afterwards', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const stages: string[] = []
  const stop = alice.device.client.subscribe({ view: 'session' }, () => {
    stages.push(alice.device.session().stage)
  })

  await alice.commands.logOut({ forget: true })

  stop()
  expect(stages.at(-1)).toBe('signed_out')
  expect(stages.slice(stages.indexOf('starting'))).not.toContain('ready')
  await expect(alice.commands.listBlocked()).rejects.toMatchObject({ code: 'unauthenticated' })
  expect(alice.device.client.snapshot({ view: 'conversations' })).toBeUndefined()
})

/** A new device, and the results of its commands as soon as it is ready. */
async function ready(network: TestNetwork, peer: AccountId) {
  const device = await TestDevice.open(network, 'a new device')
  return { device, first: refusedAtFirst(device, peer) }
}

/** The commands that failed when called at the moment the view said `ready`. */
async function refusedAtFirst(device: TestDevice, peer: AccountId): Promise<string[]> {
  const { promise, resolve } = Promise.withResolvers<string[]>()
  const stop = device.client.subscribe({ view: 'session' }, () => {
    if (device.session().stage !== 'ready') return
    stop()
    resolve(refused(device, peer))
  })
  return promise
}

/** The refused commands among those that need no conversation. */
async function refused({ commands }: TestDevice, peer: AccountId): Promise<string[]> {
  const calls = {
    listPeople: commands.listPeople('', null),
    listBlocked: commands.listBlocked(),
    unblock: commands.unblock(peer),
    startConversation: commands.startConversation(peer, 'ecdh'),
    listSessions: commands.listSessions(),
    updateProfile: commands.updateProfile({ name: 'another name', picture: null }),
    reconnect: commands.reconnect(),
  }
  const settled = Object.entries(calls).map(async ([name, call]) =>
    call.then(
      () => [],
      (error: unknown) => [`${name}: ${error}`],
    ),
  )
  return (await Promise.all(settled)).flat()
}
