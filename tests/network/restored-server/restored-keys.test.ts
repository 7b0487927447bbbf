import { expect, test } from 'vitest'
import { BadOwner } from '../../evil-server/bad-owner.ts'
import { copyDatabase } from '../database-copies.ts'
import { eventually } from '../eventually.ts'
import { held } from '../held-requests.ts'
import { TestNetwork } from '../network.ts'
import type { Person } from '../people.ts'
import { TamperingProxy } from '../tampering-proxy.ts'
import { expectSame } from './same-timelines.ts'

// A restored server has lost part of a person's account.

// Each test includes one or two restarts.
test('a new name, contact and device from after the backup are restored', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const copy = await copyDatabase(network)
  await alice.commands.updateProfile({ name: 'alice two', picture: null })
  const id = await alice.startConversation(bob)
  const phone = await alice.addDevice()
  await phone.conversation(id)
  await phone.send(id, 'from the phone')
  await bob.nextMessage()
  const { contacts } = await boxVersions(network, alice)

  await copy.restore()

  await eventually('the phone to be enrolled again', async () => {
    const rows = await network.database.sql`
      select 1 from chat.devices where device_id = ${phone.me().deviceId}`
    return rows.length === 1
  })
  await expectSame(id, [alice, bob], 1)
  await eventually(
    'the pins to be kept again',
    async () => ((await boxVersions(network, alice)).contacts ?? 0) > (contacts ?? 0),
  )
  expect(bob.contact(alice)?.name).toBe('alice two')
  await bob.send(id, 'welcome back')
  await phone.message(id, ({ text }) => text === 'welcome back')
  for (const device of [phone, alice.device, bob.device]) expect(device.notices(id)).toEqual([])
})

test("two of a person's devices that repair the server at the same moment both continue", async () => {
  await using network = await TestNetwork.start()
  let isRestored = false
  const pins = held('PUT', '/boxes/contacts', () => !isRestored || pins.count === 2)
  const [alice, bob] = await Promise.all([network.person('alice', pins), network.person('bob')])
  const copy = await copyDatabase(network)
  await alice.commands.updateProfile({ name: 'alice two', picture: null })
  const id = await alice.startConversation(bob)
  const phone = await alice.addDevice(pins)
  await phone.conversation(id)
  isRestored = true
  pins.count = 0

  await copy.restore()

  await bob.send(id, 'welcome back')
  await phone.message(id, ({ text }) => text === 'welcome back')
  expect([...phone.failures, ...alice.device.failures]).toEqual([])
})

test('a device that is slower than one with a newer name keeps its keys and adopts the name', async () => {
  await using network = await TestNetwork.start()
  const isName = async (name: string) => {
    const rows = await network.database.sql`select 1 from chat.accounts where name = ${name}`
    return rows.length === 1
  }
  let isRestored = false
  const older = held('PUT', '/users', () => !isRestored || isName('alice three'))
  const newer = held('PUT', '/users', () => !isRestored || older.count > 0)
  const alice = await network.person('alice', newer)
  const phone = await alice.addDevice(older)
  const copy = await copyDatabase(network)
  await alice.commands.updateProfile({ name: 'alice two', picture: null })
  await eventually('the phone to know it', () => phone.me().name === 'alice two')
  await phone.close()
  await alice.commands.updateProfile({ name: 'alice three', picture: null })
  isRestored = true
  older.count = 0

  await copy.restore()
  await phone.open()

  await eventually('the phone to know the newest name', () => phone.me().name === 'alice three')
  expect(older.count).toBeGreaterThan(0)
  expect([...phone.failures, ...alice.device.failures]).toEqual([])
})

async function boxVersions({ database: { sql } }: TestNetwork, { accountId }: Person) {
  const rows = await sql<{ name: string; version: number }[]>`
    select name, version from chat.boxes where account_id = ${accountId}`
  return Object.fromEntries(rows.map(({ name, version }) => [name, version]))
}

test('contacts accept the next record although only a lost device knew the previous one', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const { accountId } = alice
  const id = await alice.startConversation(bob)
  const laptop = await alice.addDevice()
  const copy = await copyDatabase(network)
  await alice.device.close()
  await bob.device.online()
  const revoked = laptop.me().deviceId
  await laptop.commands.logOut({ forget: true })
  await eventually('Bob to know the revocation', async () => {
    const known = await bob.device.keptContact(accountId)
    return known.current?.record.revoked.some(({ device }) => device === revoked)
  })

  await copy.restore()
  await alice.device.open()
  const phone = await alice.addDevice()
  await phone.conversation(id)
  await phone.send(id, 'from the phone')

  expect((await bob.nextMessage()).text).toBe('from the phone')
  const browser = await bob.addDevice()
  await browser.message(id, ({ text }) => text === 'from the phone')
  const known = await bob.device.keptContact(accountId)
  const gone = known.current?.devices.find(({ deviceId }) => deviceId === revoked)
  expect(gone?.revokedAt).toBeGreaterThan(0)
})

test('a device that a record from after the backup revokes is logged out', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const phone = await alice.addDevice()
  const copy = await copyDatabase(network)
  const { accountId } = alice
  const { deviceId } = phone.me()
  await phone.close()
  await alice.device.revoke(deviceId)
  const owner = await BadOwner.of(network.database)
  const record = await owner.recordOf(accountId)
  await alice.device.close()

  await copy.restore(() => owner.publish(accountId, { record }))
  await phone.open()

  await phone.stage('signed_out')
})

test('new keys from after the backup take effect again, and the new code opens them', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const copy = await copyDatabase(network)
  // Once Bob has received this, he is connected again and knows the new keys.
  await alice.send(id, 'from after the backup')
  await bob.nextMessage()
  const browser = await alice.startOver({ name: 'alice again', origin: proxy.origin })
  const { accountId } = browser.me()
  await eventually('him to see it', () => bob.device.contact(accountId)?.trust === 'key_changed')
  await bob.device.acceptKey(accountId)
  await alice.device.close()

  await copy.restore()
  // Auth no longer knows the session.
  await browser.close()
  await browser.open()
  await browser.stage('signed_out')
  const sent: string[] = []
  proxy.tampering = {
    request(exchange) {
      const { method, path } = exchange
      if (method !== 'PUT' || path.startsWith('/devices/')) return 'forward'
      sent.push(path)
      if (path !== '/manifest' || sent.filter((one) => one === path).length > 1) return 'forward'
      exchange.status = 503
      exchange.responseBody = '{"code":"unavailable"}'
      return 'answered'
    },
  }
  await alice.enter(browser)
  await eventually(
    'the keys to be back',
    () => sent.filter((one) => one === '/manifest').length > 1,
  )

  // Everything that the keys need is restored before the code can open them, even after a failed
  // attempt.
  expect(sent).toEqual([
    // Unchanged.
    '/users',
    '/boxes/keys',
    // Raised.
    '/users',
    '/boxes/contacts',
    '/wraps',
    '/manifest',
    '/wraps',
    '/manifest',
  ])

  const phone = await alice.addDevice()
  await bob.send(id, 'for the new key')
  await phone.message(id, ({ text }) => text === 'for the new key')
  expect(phone.me().name).toBe('alice again')
})
