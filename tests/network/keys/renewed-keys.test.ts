import { expect, test } from 'vitest'
import type { TestDevice } from '../device.ts'
import { held } from '../held-requests.ts'
import { TestNetwork } from '../network.ts'
import type { Person } from '../people.ts'
import { storedValue } from '../stored-value.ts'

// "This device was stolen": the keys of an account are renewed (PROTOCOL.md §10.15).

/** Reports on the first device that another one was stolen, and notes the new recovery code. */
async function renew(person: Person, stolen: TestDevice): Promise<void> {
  await person.commands.deviceStolen(stolen.me().deviceId)
  expect(await person.device.stage('confirm_recovery')).toMatchObject({ isRenewal: true })
  person.recoveryCode = await person.device.confirmRecovery()
  await person.device.online()
}

const kindsOf = (device: TestDevice, id: Parameters<TestDevice['notices']>[0]) =>
  device.notices(id).map(({ kind }) => kind)

for (const protocol of ['ecdh', 'rsa'] as const) {
  test(`after a theft, contacts continue without a question, and no message is lost (${protocol})`, async () => {
    await using network = await TestNetwork.start()
    const [alice, bob] = await network.people('alice', 'bob')
    const id = await alice.startConversation(bob, protocol)
    const stolen = await alice.addDevice()
    const tablet = await alice.addDevice()
    const bobsPhone = await bob.addDevice()
    for (const device of [stolen, tablet, bobsPhone]) await device.conversation(id)
    await bob.device.verify(alice.accountId)
    await expect.poll(() => bobsPhone.contact(alice.accountId)?.trust).toBe('verified')
    await alice.send(id, 'from the laptop')
    await stolen.send(id, 'from the phone')
    await bob.send(id, 'from bob')
    for (const device of [alice.device, stolen, tablet, bobsPhone]) {
      await device.message(id, ({ text }) => text === 'from bob')
    }
    const before = ['from the laptop', 'from the phone', 'from bob']

    await renew(alice, stolen)

    // Both devices of the contact continue by themselves.
    for (const device of [bob.device, bobsPhone]) {
      await expect
        .poll(() => device.notices(id))
        .toMatchObject([{ kind: 'keys_renewed', isVerified: true }])
      expect(device.contact(alice.accountId)?.trust).toBe('verified')
    }
    await alice.send(id, 'after the theft')
    await bobsPhone.message(id, ({ text }) => text === 'after the theft')
    await bobsPhone.send(id, 'good that you have it back')
    const after = [...before, 'after the theft', 'good that you have it back']
    expect(await alice.device.wholeHistory(id, 5)).toEqual(after)

    // The stolen device, and the others until the new code is entered, are logged out.
    expect(await stolen.stage('signed_out')).toMatchObject({ reason: 'session_ended' })
    await tablet.stage('signed_out')
    await alice.enter(tablet)
    expect(await tablet.stage('locked')).toMatchObject({
      renewed: { deviceName: alice.device.name },
    })
    await tablet.commands.unlockWithRecoveryCode(alice.recoveryCode)
    await tablet.online()
    expect(await tablet.wholeHistory(id, 5)).toEqual(after)
    await tablet.send(id, 'from the tablet')
    await bob.device.message(id, ({ text }) => text === 'from the tablet')

    // A device that never saw any of it.
    const fresh = await alice.addDevice()
    expect(await fresh.wholeHistory(id, 6)).toEqual([...after, 'from the tablet'])
    const bobsFresh = await bob.addDevice()
    expect(await bobsFresh.wholeHistory(id, 6)).toEqual([...after, 'from the tablet'])
    expect(bobsFresh.contact(alice.accountId)?.trust).toBe('verified')
    for (const device of [alice.device, fresh, tablet]) expect(device.notices(id)).toEqual([])
    for (const device of [alice.device, bob.device, bobsPhone]) expect(device.failures).toEqual([])
  })
}

test('writes in flight under the former keys are rejected, and do not count as failures', async () => {
  await using network = await TestNetwork.start()
  let isHeld = false
  // The former keys' box continues when that of the new keys has arrived: the record exists by
  // then.
  const boxes = held('PUT', '/boxes/contacts', () => !isHeld || boxes.count >= before + 2)
  const alice = await network.person('alice', { fetch: boxes.fetch })
  const bob = await network.person('bob')
  const id = await alice.startConversation(bob)
  const stolen = await alice.addDevice()
  await stolen.conversation(id)
  const before = boxes.count
  isHeld = true
  await alice.device.verify(bob.accountId)
  await alice.device.eventually('to write its box', () => boxes.count > before)

  await renew(alice, stolen)

  await alice.send(id, 'after the theft')
  await bob.device.message(id, ({ text }) => text === 'after the theft')
  expect(alice.device.failures).toEqual([])
})

test('a thief who logs in again on the stolen device can no longer open or write anything', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const stolen = await alice.addDevice()
  await stolen.conversation(id)
  await renew(alice, stolen)
  await stolen.stage('signed_out')
  await bob.send(id, 'where were we?')

  await alice.enter(stolen)
  await stolen.stage('locked')
  await expect(stolen.commands.send(id, 'it is me')).rejects.toMatchObject({
    code: 'unauthenticated',
  })
  const { devices, logIns } = await alice.commands.listDevices()
  expect(devices.map(({ name }) => name)).toEqual([alice.device.name])
  expect(logIns).toHaveLength(1)
})

test('a contact who was away for two renewals follows both, and reads the messages in between', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await bob.device.verify(alice.accountId)
  await expect
    .poll(() => storedValue(bob.device.storage, 'contacts', alice.accountId))
    .toMatchObject({ dirty: false, verified: true })
  await bob.device.close()
  await alice.send(id, 'under the first keys')
  await renew(alice, await alice.addDevice())
  await alice.send(id, 'under the second keys')
  await renew(alice, await alice.addDevice())
  await alice.send(id, 'under the third keys')

  await bob.device.open()

  await bob.device.message(id, ({ text }) => text === 'under the third keys')
  const texts = ['under the first keys', 'under the second keys', 'under the third keys']
  expect(await bob.device.wholeHistory(id, 3)).toEqual(texts)
  expect(bob.contact(alice)?.trust).toBe('verified')
  expect(new Set(kindsOf(bob.device, id))).toEqual(new Set(['keys_renewed']))
  const third = await alice.addDevice()
  expect(await third.wholeHistory(id, 3)).toEqual(texts)
  expect(bob.device.failures).toEqual([])
})

test('messages waiting for the former keys are written for the new ones only if the person asks', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await bob.device.close()
  await renew(alice, await alice.addDevice())
  const offline = () => Promise.reject(new TypeError('no network'))
  await bob.device.open({ fetch: offline })
  const waiting = await bob.commands.send(id, 'for the former keys')
  await bob.device.close()

  await bob.device.open()
  await bob.device.message(id, ({ failure }) => failure === 'key_changed', 'the failure')
  expect(alice.device.messages(id)).toEqual([])
  await bob.commands.retry(id, waiting)
  await alice.device.message(id, ({ text }) => text === 'for the former keys')
  expect(alice.device.notices(id)).toEqual([])
})

test('unsent messages of the renewing device are sent under the new keys, once', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const stolen = await alice.addDevice()
  await alice.send(id, 'before')
  await alice.device.close()
  const silent = (url: string) => {
    const socket = new WebSocket(url)
    const send = socket.send.bind(socket)
    // Everything except messages passes.
    socket.send = (data) => {
      if (!String(data).includes('"send"')) send(data)
    }
    return socket
  }
  await alice.device.open({ createWebSocket: silent })
  await alice.device.online()
  await alice.commands.send(id, 'waiting')
  await alice.commands.deviceStolen(stolen.me().deviceId)
  await alice.device.close()

  await alice.device.open()
  alice.recoveryCode = await alice.device.confirmRecovery()
  await bob.device.message(id, ({ text }) => text === 'waiting')
  await alice.send(id, 'after')
  expect(await bob.device.wholeHistory(id, 3)).toEqual(['before', 'waiting', 'after'])
  expect(kindsOf(bob.device, id)).toEqual(['keys_renewed'])
  const fresh = await alice.addDevice()
  expect(await fresh.wholeHistory(id, 3)).toEqual(['before', 'waiting', 'after'])
  expect(fresh.notices(id)).toEqual([])
})

test("the person's other device learns what happened, by whom and when, and reports no takeover", async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const stolen = await alice.addDevice()
  const tablet = await alice.addDevice()
  await tablet.close()
  const begun = Date.now()
  await renew(alice, stolen)

  await tablet.open()
  await tablet.stage('signed_out')
  await alice.enter(tablet)
  const { renewed } = await tablet.stage('locked')
  expect(renewed?.deviceName).toBe(alice.device.name)
  expect(renewed?.at).toBeGreaterThanOrEqual(begun)
  await tablet.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await tablet.online()
  expect(tablet.session()).not.toHaveProperty('renewed')
})

test('a device cannot report itself stolen, and without a connection nothing begins', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const stolen = await alice.addDevice()
  const self = alice.device.me().deviceId
  await expect(alice.commands.deviceStolen(self)).rejects.toMatchObject({ code: 'forbidden' })
  await alice.device.close()
  await alice.device.open({ fetch: () => Promise.reject(new TypeError('no network')) })
  await expect(alice.commands.deviceStolen(stolen.me().deviceId)).rejects.toMatchObject({
    code: 'offline',
  })
  expect(alice.device.session().stage).toBe('ready')
})

test('a contact that was away learns of a new name and renewed keys automatically', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'before')
  await bob.device.message(id, ({ text }) => text === 'before')
  await bob.device.verify(alice.accountId)
  const stolen = await alice.addDevice()
  await bob.device.close()
  await alice.commands.updateProfile({ name: 'alice two', picture: null })
  await renew(alice, stolen)

  await bob.device.open()

  await expect
    .poll(() => bob.device.notices(id))
    .toMatchObject([{ kind: 'keys_renewed', isVerified: true }])
  expect(bob.device.contact(alice.accountId)).toMatchObject({
    name: 'alice two',
    trust: 'verified',
  })
  await bob.send(id, 'welcome back')
  await alice.device.message(id, ({ text }) => text === 'welcome back')
  expect(bob.device.failures).toEqual([])
})
