import type { AccountRecord, DeviceId } from '@sotto/wire'
import { expect, test } from 'vitest'
import { expectCurrentManifest } from '../current-manifest.ts'
import { copyDatabase } from '../database-copies.ts'
import type { TestDevice } from '../device.ts'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'
import { storedValue } from '../stored-value.ts'

// A person's devices have written different things, some before a backup was restored and some
// afterwards.

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const

// Each test includes one or two restarts.
async function expectRevoked(device: TestDevice, revoked: readonly DeviceId[]) {
  await device.eventually('to know who is revoked', async () => {
    const { record } = (await storedValue(device.storage, 'account', 'own')) as {
      record: AccountRecord
    }
    return revoked.every((id) => record.revoked.some((one) => one.device === id))
  })
}

async function expectRsaKeys(device: TestDevice, count: number) {
  await device.eventually(`to have ${count} RSA keys`, async () => {
    const keys = (await storedValue(device.storage, 'keys', 'account')) as { rsa: unknown[] }
    return keys.rsa.length === count
  })
}

test.each([
  { versions: 'the same', more: 0 },
  { versions: 'lower', more: 2 },
])(
  "a device's writes to a restored server under $versions versions are merged with the lost ones",
  async ({ more }) => {
    await using network = await TestNetwork.start()
    const [alice, bob, carol, dave, erin] = await network.people(...NAMES)
    const phone = await alice.addDevice()
    const tablet = await alice.addDevice()
    const lost = await alice.addDevice()
    const stolen = await alice.addDevice()
    const { accountId } = alice
    const stolenId = stolen.me().deviceId
    const revoked = [lost.me().deviceId, stolenId]
    await alice.startConversation(bob)
    await eventually('the phone to know Bob', () => phone.contact(bob.accountId) !== undefined)
    const copy = await copyDatabase(network)
    // The phone does not know this, and neither does the backup.
    for (const away of [phone, tablet, stolen]) await away.close()
    await alice.device.revoke(lost)
    // Otherwise it would restore its copy.
    await lost.close()
    await alice.commands.createRsaKey()
    await alice.device.verify(bob.accountId)
    for (const other of [dave, erin].slice(0, more)) {
      await other.commands.createRsaKey()
      await alice.commands.importPem(await other.commands.exportPem(null), null)
      await alice.startConversation(other)
    }
    await expectCurrentManifest(network, accountId)
    await alice.device.close()

    await copy.restore()
    await phone.open()
    await phone.revoke(stolenId)
    await phone.commands.updateProfile({ name: 'alice of the phone', picture: null })
    await phone.commands.createRsaKey()
    await phone.commands.startConversation(carol.accountId, 'ecdh')
    await expectCurrentManifest(network, accountId)
    await phone.close()
    await alice.device.open()
    await alice.device.online()
    await phone.open()
    await tablet.open()

    for (const device of [alice.device, phone, tablet]) {
      await expectRevoked(device, revoked)
      await expectRsaKeys(device, 2 + more)
      await device.eventually(
        'to know the newest name',
        () => device.me().name === 'alice of the phone',
      )
      await device.eventually('to know Carol', () => device.contact(carol.accountId))
      // The mark was set on one device, and is unknown on the other.
      await device.eventually(
        'not to count the mark',
        () => device.contact(bob.accountId)?.trust === 'unverified',
      )
      expect(device.failures).toEqual([])
    }
    expect(await phone.commands.exportPem(null)).toBe(await tablet.commands.exportPem(null))
    await expectCurrentManifest(network, accountId)
  },
)

test('new keys from after the backup take effect, whatever a device without them has written since', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob, carol, dave] = await network.people('alice', 'bob', 'carol', 'dave')
  const id = await alice.startConversation(bob)
  const copy = await copyDatabase(network)
  // Once Bob has received this, he is connected again and knows the new keys.
  await alice.send(id, 'from after the backup')
  await bob.nextMessage()
  await alice.device.close()
  const browser = await alice.startOver({ name: 'alice again' })
  const { accountId } = browser.me()
  await eventually('Bob to see it', () => bob.device.contact(accountId)?.trust === 'key_changed')
  await bob.device.acceptKey(accountId)
  await browser.close()

  await copy.restore()
  await alice.device.open()
  await alice.device.upToDate()
  await alice.commands.createRsaKey()
  for (const name of ['one', 'two', 'three']) {
    await alice.commands.updateProfile({ name, picture: null })
  }
  for (const other of [carol, dave]) await alice.startConversation(other)
  await expectCurrentManifest(network, accountId)
  await browser.open()
  await browser.stage('signed_out')
  await alice.enter(browser)
  await browser.online()

  await alice.device.stage('signed_out')
  await expectCurrentManifest(network, accountId)
  const phone = await alice.addDevice()
  await bob.send(id, 'for the new key')
  for (const device of [browser, phone]) {
    await device.message(id, ({ text }) => text === 'for the new key')
    expect(device.me().name).toBe('alice again')
    expect(device.failures).toEqual([])
  }
  await expectCurrentManifest(network, accountId)
})

test('a record that was only raised does not revert a name', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const { accountId } = alice
  const phone = await alice.addDevice()
  const copy = await copyDatabase(network)
  await phone.close()
  await alice.commands.updateProfile({ name: 'alice two', picture: null })
  await alice.device.close()

  await copy.restore()
  await phone.open()
  await expectCurrentManifest(network, accountId)
  const { version } = (await phone.own()).record
  expect(version).toBe(1 + 128)
  await alice.device.open()

  await eventually('the phone to know the name', () => phone.me().name === 'alice two')
  expect(alice.device.me().name).toBe('alice two')
  expect([...phone.failures, ...alice.device.failures]).toEqual([])
})

test("a name wins as the later one although the device's clock is behind", async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice', { now: () => Date.now() + 3_600_000 })
  const phone = await alice.addDevice()
  const copy = await copyDatabase(network)
  await alice.device.close()
  await phone.commands.updateProfile({ name: 'alice of the phone', picture: null })

  await copy.restore()
  await expectCurrentManifest(network, phone.me().accountId)

  expect(phone.me().name).toBe('alice of the phone')
  const [row] = await network.database.sql`
    select name from chat.accounts where account_id = ${phone.me().accountId}`
  expect(row?.name).toBe('alice of the phone')
})
