import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'
import { storedValue } from '../stored-value.ts'
import type { Exchange } from '../tampering-proxy.ts'
import { TamperingProxy } from '../tampering-proxy.ts'

const namesOf = (devices: readonly { readonly name: string | null }[]) =>
  devices.map(({ name }) => name)

test('a new device is announced on all others, until the person has seen it', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const laptop = await alice.addDevice()
  const isTold = (device: typeof laptop, count: number) =>
    device.eventually('to tell of it', () => device.me().newDevices.length === count)
  await isTold(alice.device, 1)
  const begun = Date.now()
  const phone = await alice.addDevice()

  await isTold(laptop, 1)
  await isTold(alice.device, 2)
  const [told] = laptop.me().newDevices
  expect(told).toMatchObject({ deviceId: phone.me().deviceId, name: phone.name })
  expect(told?.signedAt).toBeGreaterThanOrEqual(begun)
  // Devices that were added later know the existing ones.
  expect(phone.me().newDevices).toEqual([])

  await laptop.close()
  await laptop.open()
  await laptop.online()
  expect(laptop.me().newDevices).toEqual([told])
  await laptop.commands.devicesSeen([phone.me().deviceId])
  expect(laptop.me().newDevices).toEqual([])
  await laptop.close()
  await laptop.open()
  await laptop.online()
  expect(laptop.me().newDevices).toEqual([])
  expect(alice.device.me().newDevices).toHaveLength(2)
  expect(laptop.failures).toEqual([])
})

test('the list contains the devices that the identity key has signed; other log-ins are separate', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const laptop = await alice.addDevice()
  const locked = await alice.addLockedDevice()

  const { devices, logIns } = await alice.commands.listDevices()

  expect(namesOf(devices)).toEqual([alice.device.name, laptop.name])
  expect(devices.map(({ current }) => current)).toEqual([true, false])
  expect(devices.every(({ lastUsedAt }) => lastUsedAt !== null)).toBe(true)
  const login = (await storedValue(locked.storage, 'account', 'login')) as { deviceId: string }
  expect(logIns.map(({ deviceId }) => deviceId)).toEqual([login.deviceId])
  expect(alice.device.me().newDevices).toHaveLength(1)
})

test('a removed device is revoked, even if it is logged out, and no longer announced', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const laptop = await alice.addDevice()
  const phone = await alice.addDevice()
  await phone.commands.logOut({ forget: false })
  await alice.device.eventually('to know both', () => alice.device.me().newDevices.length === 2)
  const ids = alice.device.me().newDevices.map(({ deviceId }) => deviceId)

  for (const deviceId of ids) await alice.commands.removeDevice(deviceId)

  expect(await laptop.stage('signed_out')).toMatchObject({ reason: 'session_ended' })
  const { devices, logIns } = await alice.commands.listDevices()
  expect([namesOf(devices), logIns]).toEqual([[alice.device.name], []])
  expect(alice.device.me().newDevices).toEqual([])
})

test('a server can neither invent a device nor hide a known one', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const alice = await network.person('alice', { origin: proxy.origin })
  const laptop = await alice.addDevice()
  await alice.device.eventually('to tell of it', () => alice.device.me().newDevices.length === 1)
  const forge = (
    exchange: Exchange,
    change: (account: { devices: { deviceId: string }[] }) => void,
  ) => {
    if (exchange.method !== 'GET' || exchange.path !== '/users/me') return
    const answer = JSON.parse(exchange.responseBody)
    change(answer.account)
    exchange.responseBody = JSON.stringify(answer)
  }
  proxy.tampering = {
    response: (exchange) =>
      forge(exchange, (account) => {
        account.devices = account.devices.map((device) => ({
          ...device,
          deviceId: crypto.randomUUID(),
        }))
      }),
  }

  const { devices } = await alice.commands.listDevices()

  expect(namesOf(devices)).toEqual([alice.device.name, laptop.name])
  expect(alice.device.me().newDevices).toHaveLength(1)
})
