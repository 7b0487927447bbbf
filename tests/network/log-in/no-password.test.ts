import { expect, test } from 'vitest'
import { TestDevice } from '../device.ts'
import { TestNetwork } from '../network.ts'

const email = 'alice@sotto.example'

/** A device that has proven the address. */
async function provenDevice(network: TestNetwork, name: string): Promise<TestDevice> {
  const device = await TestDevice.open(network, name)
  const { challengeId } = await device.commands.startEmail(email)
  await device.commands.verifyEmail(challengeId, await network.codeFor(email))
  return device
}

test('a person signs up by email without a password, and returns by code', async () => {
  await using network = await TestNetwork.start()
  await using device = disposable(await provenDevice(network, 'a browser'))
  await device.commands.logInWithoutPassword()
  await device.stage('needs_profile')
  await device.commands.createProfile({ name: 'alice', picture: null, withRsa: false })
  const recoveryCode = await device.confirmRecovery()
  await device.online()
  expect(device.me()).toMatchObject({ email, hasPassword: false })
  expect((await device.own()).manifest.wraps).toMatchObject({
    password: null,
    recovery_code: expect.any(String),
  })

  await using other = disposable(await provenDevice(network, 'another browser'))
  await other.commands.logInWithoutPassword()
  expect((await other.stage('locked')).ways).toContain('recovery_code')
  await other.commands.unlockWithRecoveryCode(recoveryCode)
  await other.online()
  expect(other.me()).toMatchObject({ name: 'alice', hasPassword: false })
})

test('a removed password no longer opens anything, on any device', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await Promise.all([
    network.person('alice', { email }),
    network.person('bob'),
  ])
  const id = await alice.startConversation(bob)
  const phone = await alice.addDevice()
  expect(alice.device.me().hasPassword).toBe(true)

  await alice.commands.removePassword()

  expect(alice.device.me().hasPassword).toBe(false)
  expect((await alice.device.own()).manifest.wraps.password).toBeNull()
  // Another device reads the manifest when it connects, and forgets the wrap.
  await phone.close()
  await phone.open()
  await phone.online()
  await phone.eventually('to follow', () => !phone.me().hasPassword)
  await phone.send(id, 'from the phone')
  for (const device of [alice.device, phone]) {
    expect((await device.own()).wraps.map(({ kind }) => kind)).toEqual(['recovery_code'])
  }

  const tablet = await TestDevice.open(network, 'a tablet')
  alice.devices.push(tablet)
  await expect(tablet.commands.logIn(email, alice.password)).rejects.toMatchObject({
    code: 'wrong_credentials',
  })
  const { challengeId } = await tablet.commands.startEmail(email)
  await tablet.commands.verifyEmail(challengeId, await network.codeFor(email))
  await tablet.commands.logInWithoutPassword()
  await tablet.stage('locked')
  await tablet.commands.unlockWithRecoveryCode(alice.recoveryCode)
  expect(await tablet.wholeHistory(id, 1)).toEqual(['from the phone'])
  for (const device of alice.devices) expect(device.failures).toEqual([])
})

test('recovers if another device of the account removes the password first', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { email })
  const phone = await alice.addDevice()

  await Promise.all([
    alice.commands.removePassword(),
    phone.commands.updateProfile({ name: 'alice two', picture: null }),
  ])

  await phone.close()
  await phone.open()
  await phone.eventually('to follow', () => !phone.me().hasPassword)
  expect(phone.me().name).toBe('alice two')
  expect(alice.device.me().hasPassword).toBe(false)
})

test('a removed password may be set again, and opens the keys', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { email })
  await alice.commands.removePassword()
  await alice.commands.logOut({ forget: false })
  const { challengeId } = await alice.commands.startEmail(email)
  await alice.commands.verifyEmail(challengeId, await network.codeFor(email))

  await alice.commands.setPassword(alice.password)
  await alice.device.wrapsNamed()

  expect(alice.device.me().hasPassword).toBe(true)
  const phone = await alice.addDevice()
  expect(phone.me().name).toBe('alice')
})

test('rejects a password that others could guess from what they know', async () => {
  await using network = await TestNetwork.start()
  await using device = disposable(await provenDevice(network, 'a browser'))
  for (const password of [email, 'alice.sotto.example', 'alice@sotto']) {
    await expect(device.commands.setPassword(password)).rejects.toMatchObject({
      code: 'weak_password',
    })
  }
})

/** Closes a device at the end of a test, however it ends. */
function disposable(device: TestDevice): TestDevice & AsyncDisposable {
  return Object.assign(device, { [Symbol.asyncDispose]: () => device.close() })
}
