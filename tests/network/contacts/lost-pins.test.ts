import { expect, test } from 'vitest'
import { held } from '../held-requests.ts'
import { TestNetwork } from '../network.ts'
import { storedValue } from '../stored-value.ts'

test('the recipients of a device without pins are pinned for later devices', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.loseDevices()
  const device = await alice.startOver()
  await bob.device.conversation(id, ({ participants: [other] }) => other?.trust === 'key_changed')
  await bob.device.acceptKey(alice.accountId)

  await device.conversation(id)
  await device.send(id, 'with new keys')
  await bob.device.message(id, ({ text }) => text === 'with new keys')
  await device.eventually('the pin to be stored', async () => {
    const contact = await storedValue(device.storage, 'contacts', bob.accountId)
    const { kept, dirty } = contact as { kept: boolean; dirty: boolean }
    return kept && !dirty
  })
  const later = await alice.addDevice()

  const contact = await later.eventually('the contact', () => later.contact(bob.accountId))
  expect(contact).toMatchObject({ name: 'bob', trust: 'unverified' })
})

test('messages from another of our devices to a still unknown key are shown once the key is known', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { withRsa: true })
  const bob = await network.person('bob', { withRsa: true })
  const id = await alice.startConversation(bob, 'rsa')
  await alice.send(id, 'before')
  const second = await alice.addDevice()
  await second.message(id, ({ text }) => text === 'before')
  await second.close()
  // The RSA key stays the same, but the identity key changes.
  const pem = await bob.commands.exportPem(null)
  await bob.loseDevices()
  const browser = await bob.addLockedDevice()
  await browser.commands.importPem(pem, null)
  await browser.commands.startWithNewKeys({ name: 'bob', picture: null })
  await browser.confirmRecovery()
  await alice.device.conversation(id, ({ participants: [other] }) => other?.trust === 'key_changed')
  await alice.device.acceptKey(bob.accountId)
  await alice.send(id, 'to the new key')

  let isRead = false
  const box = held('GET', '/boxes/contacts', () => isRead)
  await second.open({ fetch: box.fetch })
  await second.eventually('the envelope', () =>
    second.notices(id).some(({ kind }) => kind === 'unreadable'),
  )
  isRead = true

  await second.message(id, ({ text }) => text === 'to the new key')
  expect(second.notices(id).map(({ kind }) => kind)).toEqual(['key_changed'])
})
