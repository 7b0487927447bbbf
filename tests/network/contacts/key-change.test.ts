import { ClientError } from '@sotto/sdk'
import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'
import { storedValue } from '../stored-value.ts'

test('a changed key blocks sending until it is accepted, and verification is lost', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'before')
  await bob.nextMessage()
  await alice.device.verify(bob.accountId)
  const { digits } = await alice.commands.safetyNumber(bob.accountId)

  await bob.loseDevices()
  const device = await bob.startOver()
  await alice.device.conversation(id, ({ participants: [other] }) => other?.trust === 'key_changed')

  await expect(alice.commands.send(id, 'who are you?')).rejects.toMatchObject({
    code: 'key_changed',
  })
  const changed = await alice.commands.safetyNumber(bob.accountId)
  expect(changed).toMatchObject({ digits, trust: 'key_changed' })
  expect(alice.device.notices(id)).toMatchObject([{ kind: 'key_changed' }])

  await device.conversation(id)
  await device.send(id, 'it is me')
  await expect
    .poll(() => alice.device.notices(id).map(({ kind }) => kind))
    .toEqual(['key_changed', 'unreadable'])
  await alice.device.acceptKey(bob.accountId)

  await alice.device.message(id, ({ text }) => text === 'it is me')
  expect((await alice.commands.safetyNumber(bob.accountId)).digits).toBe(changed.changedDigits)
  expect(alice.contact(bob)?.trust).toBe('unverified')
  await alice.send(id, 'good')
  await device.message(id, ({ text }) => text === 'good')
  // Messages written before that open only on Alice's side: Bob has lost their key.
  expect(await alice.device.wholeHistory(id, 3)).toEqual(['before', 'it is me', 'good'])
  expect(device.notices(id)).toMatchObject([{ kind: 'unreadable', reason: 'key_lost' }])
})

test('waiting messages fail when a key changes, and are sent again on request', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.device.close()
  await bob.loseDevices()
  const device = await bob.startOver()
  const offline = () => Promise.reject(new TypeError('no network'))
  await alice.device.open({ fetch: offline })
  const waiting = await alice.commands.send(id, 'for the old key')
  await alice.device.close()

  await alice.device.open()
  await alice.device.message(id, ({ failure }) => failure === 'key_changed', 'the failure')
  await alice.device.acceptKey(bob.accountId)
  await alice.commands.retry(id, waiting)

  await device.message(id, ({ text }) => text === 'for the old key')
  expect(alice.device.messages(id)).toMatchObject([{ failure: null, text: 'for the old key' }])
})

test('a key change after a message that names a newer record casts no doubt on the server', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.device.close()
  await bob.commands.updateProfile({ name: 'robert', picture: null })
  await bob.send(id, 'under another name')
  await bob.loseDevices()
  const device = await bob.startOver()

  await alice.device.open()
  await alice.device.message(id, ({ text }) => text === 'under another name')
  await alice.device.conversation(id, ({ participants: [other] }) => other?.trust === 'key_changed')
  await alice.device.acceptKey(bob.accountId)
  await alice.send(id, 'good')
  await device.message(id, ({ text }) => text === 'good')

  expect(alice.device.client.snapshot({ view: 'doubt' })).toMatchObject({ untrustedAt: null })
})

test('a device whose account started with new keys elsewhere is logged out, and uses none of them', async () => {
  await using network = await TestNetwork.start()
  const [bob] = await network.people('bob')
  const old = bob.device
  await old.close()
  await bob.startOver()

  await old.open()
  expect(await old.stage('signed_out')).toMatchObject({ reason: 'session_ended' })
  expect(old.failures.filter((failure) => !(failure instanceof ClientError))).toEqual([])
  expect(await storedValue(old.storage, 'keys', 'account')).toBeDefined()
})

/** Alice has verified Bob on her laptop, and then started with new keys on a tablet. */
async function verifiedBefore(network: TestNetwork) {
  const [alice, bob] = await network.people('alice', 'bob')
  await alice.startConversation(bob)
  await alice.device.verify(bob.accountId)
  const stored = () => storedValue(alice.device.storage, 'contacts', bob.accountId)
  await expect.poll(stored).toMatchObject({ dirty: false, verified: true })
  await alice.startOver()
  await alice.device.stage('signed_out')
  await alice.enter(alice.device)
  await alice.device.stage('locked')
  return { alice, bob }
}

test('a device with pins adds them to the box of new keys that another device created', async () => {
  await using network = await TestNetwork.start()
  const { alice, bob } = await verifiedBefore(network)

  await alice.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await alice.device.online()

  const third = await alice.addDevice()
  const trust = () => third.contact(bob.accountId)?.trust
  await expect.poll(trust).toBe('verified')
})

test('a device with pins adds them to the box of the new keys that it creates', async () => {
  await using network = await TestNetwork.start()
  const { alice, bob } = await verifiedBefore(network)

  await alice.commands.startWithNewKeys({ name: 'alice', picture: null })
  alice.recoveryCode = await alice.device.confirmRecovery()
  await alice.device.online()

  const third = await alice.addDevice()
  const trust = () => third.contact(bob.accountId)?.trust
  await expect.poll(trust).toBe('verified')
})

test('both sides see the same safety number', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  await alice.startConversation(bob)

  const [hers, his] = await Promise.all([
    alice.commands.safetyNumber(bob.accountId),
    bob.commands.safetyNumber(alice.accountId),
  ])
  expect(hers.digits).toMatch(/^\d{60}$/)
  expect(hers).toEqual(his)
})

test('another device of the account is logged out when new keys are created, and accuses no one', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  await alice.startOver()

  expect(await alice.device.stage('signed_out')).toMatchObject({ reason: 'session_ended' })
  expect(alice.device.failures).toEqual([])
})
