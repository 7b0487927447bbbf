import { expect, test } from 'vitest'
import type { TestDevice } from '../device.ts'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'
import type { Person, PersonOptions } from '../people.ts'
import { storedValue } from '../stored-value.ts'
import { failing, TamperingProxy } from '../tampering-proxy.ts'

test('RSA keys are created when the protocol is first used, and reach the other devices', async () => {
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
  // The record that names the key may arrive later than the key itself.
  await eventually('the second device to know it', () => second.me().hasRsaKey)
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

  const device = await bob.addLockedDevice()
  await expect(device.commands.importPem(pem, 'not this')).rejects.toMatchObject({
    code: 'wrong_passphrase',
  })
  await device.commands.importPem(pem, 'a passphrase')
  await device.commands.startWithNewKeys({ name: 'bob', picture: null })
  await device.confirmRecovery()
  await device.online()

  expect(await device.wholeHistory(id, 1)).toEqual(['written for the old key'])
  // Only the server could tell this browser who signed as Bob under the old key.
  expect(device.notices(id)).toMatchObject([{ kind: 'unreadable', mine: true, reason: 'key_lost' }])
})

/** Alice, and two people who have RSA keys. */
function threePeople(network: TestNetwork, alice: PersonOptions) {
  return Promise.all([
    network.person('alice', alice),
    network.person('bob', { withRsa: true }),
    network.person('carol', { withRsa: true }),
  ])
}

test('two devices that change the RSA key concurrently agree on one', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const [alice, bob, carol] = await threePeople(network, { origin: proxy.origin })
  const second = await alice.addDevice({ origin: proxy.origin })
  const pem = await carol.commands.exportPem(null)
  // Neither writes before both have read the same version of the box.
  const bothHaveRead = Promise.withResolvers<void>()
  let reads = 0
  proxy.tampering = {
    async response(exchange) {
      if (exchange.method !== 'GET' || !exchange.path.endsWith('/boxes/keys')) return
      reads += 1
      if (reads === 2) bothHaveRead.resolve()
      await bothHaveRead.promise
    },
  }

  await Promise.all([alice.commands.createRsaKey(), second.commands.importPem(pem, null)])

  const id = await bob.startConversation(alice, 'rsa')
  await bob.send(id, 'for the key they agree on')
  for (const device of alice.devices) {
    expect((await device.nextMessage()).text).toBe('for the key they agree on')
    expect(device.notices(id)).toEqual([])
    expect(device.failures).toEqual([])
  }
})

test('importing a key file while an RSA key is being created causes no error', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const [alice, bob, carol] = await threePeople(network, { origin: proxy.origin })
  const pem = await carol.commands.exportPem(null)
  const making = Promise.withResolvers<void>()
  const loading = Promise.withResolvers<void>()
  const written: number[] = []
  proxy.tampering = {
    async response(exchange) {
      if (!exchange.path.endsWith('/boxes/keys')) return
      if (exchange.method === 'PUT') return void written.push(exchange.status)
      making.resolve()
      await loading.promise
    },
  }

  // Her device creates a key as soon as the conversation needs one.
  const id = await alice.commands.startConversation(bob.accountId, 'rsa')
  await making.promise
  const loaded = alice.commands.importPem(pem, null)
  await alice.commands.listSessions()
  loading.resolve()
  await loaded

  await eventually('both keys to be written', () => written.length === 2)
  expect(written).toEqual([200, 200])
  expect(await alice.commands.exportPem(null)).toBe(pem)
  await bob.commands.answerRequest(id, 'accepted')
  await bob.send(id, 'for the key of the file')
  expect((await alice.nextMessage()).text).toBe('for the key of the file')
})

test("an online device has another device's key before it is published", async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const alice = await network.person('alice', { withRsa: true, origin: proxy.origin })
  const carol = await network.person('carol', { withRsa: true })
  const phone = await alice.addDevice()
  const pem = await carol.commands.exportPem(null)
  proxy.tampering = failing('PUT', '/users')

  await expect(alice.commands.importPem(pem, null)).rejects.toMatchObject({ code: 'unavailable' })

  await phone.eventually('to have both keys', async () => {
    const keys = (await storedValue(phone.storage, 'keys', 'account')) as { rsa: unknown[] }
    return keys.rsa.length === 2
  })
  expect(phone.failures).toEqual([])
})

test.each([
  { whose: 'a new device', open: (alice: Person) => alice.addDevice() },
  {
    whose: 'a device that was away',
    open: async (_: Person, laptop: TestDevice) => laptop.open().then(() => laptop),
  },
])(
  '$whose publishes an RSA key that another one has stored but not published',
  async ({ open }) => {
    await using network = await TestNetwork.start()
    await using proxy = await TamperingProxy.start(network.origin)
    const [alice, bob, carol] = await threePeople(network, { withRsa: true, origin: proxy.origin })
    const id = await bob.startConversation(alice, 'rsa')
    const { accountId } = alice
    const known = async () => {
      const contact = await storedValue(bob.device.storage, 'contacts', accountId)
      return (contact as { recordVersion: number }).recordVersion
    }
    const former = await known()
    const pem = await carol.commands.exportPem(null)
    proxy.tampering = failing('PUT', '/users')
    const laptop = await alice.addDevice()
    await laptop.close()
    await expect(alice.commands.importPem(pem, null)).rejects.toMatchObject({ code: 'unavailable' })
    await alice.device.close()

    const second = await open(alice, laptop)
    await eventually('the key to be published', async () => (await known()) > former)
    await bob.send(id, 'for the key of the file')

    expect((await second.nextMessage()).text).toBe('for the key of the file')
    expect(await second.commands.exportPem(null)).toBe(pem)
    expect(second.failures).toEqual([])
  },
)

test('a former RSA key that another device makes current again stays current', async () => {
  await using network = await TestNetwork.start()
  const [alice, carol] = await Promise.all([
    network.person('alice', { withRsa: true }),
    network.person('carol', { withRsa: true }),
  ])
  const second = await alice.addDevice()
  const [first, other] = await Promise.all([
    alice.commands.exportPem(null),
    carol.commands.exportPem(null),
  ])
  const version = async () => {
    const own = (await storedValue(second.storage, 'account', 'own')) as {
      record: { version: number }
    }
    return own.record.version
  }
  await alice.commands.importPem(other, null)
  await eventually('the second device to know', async () => (await version()) === 2)
  await alice.commands.importPem(first, null)
  await eventually('the second device to know again', async () => (await version()) === 3)

  await second.close()
  await second.open()
  await second.online()
  await second.commands.updateProfile({ name: 'Alice of the first key', picture: null })

  expect(await version()).toBe(4)
  expect(await second.commands.exportPem(null)).toBe(first)
  expect(second.failures).toEqual([])
})
