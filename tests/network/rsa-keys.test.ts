import { expect, test } from 'vitest'
import { TestDevice } from './device.ts'
import { eventually } from './eventually.ts'
import { TestNetwork } from './network.ts'

test('RSA keys are made when the protocol is first used, and reach the other devices', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const second = await alice.addDevice()
  const id = await alice.startConversation(bob, 'rsa')
  await eventually('both to have keys and to know it', () =>
    [alice.contact(bob), alice.device.me(), bob.contact(alice), bob.device.me()].every(
      (account) => account?.hasRsaKey,
    ),
  )

  await alice.send(id, 'from the first device')
  await bob.send(id, 'an answer')

  expect((await bob.nextMessage()).text).toBe('from the first device')
  expect(await second.wholeHistory(id, 2)).toEqual(['from the first device', 'an answer'])
  expect(second.me().hasRsaKey).toBe(true)
})

test('a key file opens old messages of an account that starts with new keys', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { withRsa: true })
  const bob = await network.person('bob', { withRsa: true })
  const id = await alice.startConversation(bob, 'rsa')
  await alice.send(id, 'written for the old key')
  await bob.nextMessage()
  await bob.send(id, 'written by a device of the old key')
  const pem = await bob.commands.exportPem('a passphrase')
  expect(pem).toContain('BEGIN ENCRYPTED PRIVATE KEY')

  const device = await TestDevice.open(network, "bob's new browser")
  bob.devices.push(device)
  await bob.enter(device)
  await device.stage('locked')
  await expect(device.commands.importPem(pem, 'not this')).rejects.toMatchObject({
    code: 'wrong_passphrase',
  })
  await device.commands.importPem(pem, 'a passphrase')
  await device.commands.startWithNewKeys({ name: 'bob', picture: null })
  await device.confirmRecovery()
  await device.online()

  expect(await device.wholeHistory(id, 1)).toEqual(['written for the old key'])
  // Who signed as Bob under the old key, nothing tells this browser but the server.
  expect(device.notices(id)).toMatchObject([{ kind: 'unreadable', mine: true, reason: 'key_lost' }])
})
