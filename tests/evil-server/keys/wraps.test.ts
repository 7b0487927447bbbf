import { hashWrap, verifyManifest, verifyRecord } from '@sotto/crypto'
import { expect, test } from 'vitest'
import { TestDevice } from '../../network/device.ts'
import { eventually } from '../../network/eventually.ts'
import { TestNetwork } from '../../network/network.ts'
import { storedValue } from '../../network/stored-value.ts'
import { type Exchange, TamperingProxy } from '../../network/tampering-proxy.ts'
import { BadOwner } from '../bad-owner.ts'

/** The part of a device's stored account that these tests look at. */
interface Own {
  readonly hasNewWraps: boolean
  readonly manifest: { readonly statement: string }
  readonly wraps: readonly { readonly kind: string }[]
}

function hideRecoveryWrap(exchange: Exchange): void {
  if (exchange.method !== 'GET' || !exchange.path.startsWith('/auth/wraps')) return
  const { version, wraps } = JSON.parse(exchange.responseBody)
  const shown = wraps.filter(({ kind }: { kind: string }) => kind !== 'recovery_code')
  exchange.responseBody = JSON.stringify({ version, wraps: shown })
}

const kindsOf = (wraps: readonly { readonly kind: string }[]) =>
  wraps.map(({ kind }) => kind).toSorted()

// A device that has created a new wrap signs nothing about the other wraps beyond what the account's manifest says.

test('a device that still has to publish a wrap does not bring back a replaced recovery code', async () => {
  await using network = await TestNetwork.start()
  const owner = await BadOwner.of(network.database)
  const [alice] = await network.people('alice')
  const { accountId } = alice
  const laptop = await alice.addDevice()
  await laptop.close()
  // It stopped between setting a new password and publishing the manifest.
  const own = (await storedValue(laptop.storage, 'account', 'own')) as Own
  const value = { v: 2, value: { ...own, hasNewWraps: true } }
  await laptop.storage.write([{ put: 'account', key: 'own', value }])
  const { recoveryCode, askedGroup } = await alice.commands.renewRecoveryCode()
  await alice.commands.confirmRecovery(recoveryCode.split('-')[askedGroup - 1] ?? '')
  await eventually('the manifest of the phone', async () => {
    const phone = (await storedValue(alice.device.storage, 'account', 'own')) as Own
    return !phone.hasNewWraps && (await owner.manifestOf(accountId)) === phone.manifest.statement
  })

  await laptop.open()
  await laptop.wrapsNamed()

  const device = await alice.addLockedDevice()
  await expect(device.commands.unlockWithRecoveryCode(alice.recoveryCode)).rejects.toThrow()
  await device.commands.unlockWithRecoveryCode(recoveryCode)
  await device.online()
})

test('a wrap that the server hides is not removed by the next signature', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const owner = await BadOwner.of(network.database)
  const email = 'alice@sotto.example'
  const alice = await network.person('alice', { email })
  const { accountId } = alice
  const { identityKey } = await verifyRecord(await owner.recordOf(accountId))
  proxy.tampering = { response: hideRecoveryWrap }
  const laptop = await alice.addDevice({ origin: proxy.origin })
  await laptop.commands.logOut({ forget: false })
  const { challengeId } = await laptop.commands.startEmail(email)
  await laptop.commands.verifyEmail(challengeId, await network.codeFor(email))
  await laptop.commands.setPassword('another long password of hers')
  await laptop.wrapsNamed()

  const wrap = (await owner.wraps(accountId)).find(({ kind }) => kind === 'recovery_code')
  const manifest = await verifyManifest(await owner.manifestOf(accountId), identityKey)
  expect(manifest.wraps.recovery_code).toBe(await hashWrap(wrap as never))
})

test('after a new password the recovery code is required until a manifest names its wrap', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const email = 'alice@sotto.example'
  const alice = await network.person('alice', { email })
  proxy.tampering = {
    request(exchange) {
      if (exchange.method !== 'PUT' || !exchange.path.endsWith('/manifest')) return 'forward'
      exchange.status = 503
      exchange.responseBody = JSON.stringify({ code: 'unavailable' })
      return 'answered'
    },
  }
  const laptop = await TestDevice.open(network, 'a laptop', { origin: proxy.origin })
  alice.devices.push(laptop)
  const { challengeId } = await laptop.commands.startEmail(email)
  await laptop.commands.verifyEmail(challengeId, await network.codeFor(email))
  await laptop.commands.setPassword('another long password of hers')
  await laptop.stage('locked')
  await laptop.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await laptop.online()

  const tablet = await TestDevice.open(network, 'a tablet')
  alice.devices.push(tablet)
  await tablet.commands.logIn(email, 'another long password of hers')

  expect((await tablet.stage('locked')).ways).toContain('recovery_code')
  await tablet.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await tablet.online()
})

test('a damaged password wrap counts as missing, and the recovery code opens the account', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const owner = await BadOwner.of(network.database)
  const email = 'alice@sotto.example'
  const alice = await network.person('alice', { email })
  const wraps = await owner.wraps(alice.accountId)
  const whole = wraps.find(({ kind }) => kind === 'password')?.ciphertext ?? ''
  const cut = Buffer.from(whole, 'base64url').subarray(0, 59).toString('base64url')
  proxy.tampering = {
    response(exchange) {
      if (exchange.method !== 'GET' || !exchange.path.startsWith('/auth/wraps')) return
      exchange.responseBody = exchange.responseBody.replace(whole, cut)
    },
  }
  const tablet = await TestDevice.open(network, 'a tablet', { origin: proxy.origin })
  alice.devices.push(tablet)

  await tablet.commands.logIn(email, alice.password)

  expect((await tablet.stage('locked')).ways).toContain('recovery_code')
  await tablet.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await tablet.online()
  await tablet.wrapsNamed()
  proxy.tampering = {}
  const laptop = await TestDevice.open(network, 'a laptop')
  alice.devices.push(laptop)
  await laptop.commands.logIn(email, alice.password)
  await laptop.online()
})

test('a restored server keeps a wrap that the restoring device does not have', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const owner = await BadOwner.of(network.database)
  const alice = await network.person('alice', { email: 'alice@sotto.example' })
  const { accountId } = alice
  const older = await owner.manifestOf(accountId)
  await alice.commands.updateProfile({ name: 'alice two', picture: null })
  const newer = await owner.manifestOf(accountId)
  proxy.tampering = { response: hideRecoveryWrap }
  const laptop = await alice.addDevice({ origin: proxy.origin })
  await eventually('the laptop to know the era', () =>
    storedValue(laptop.storage, 'account', 'era'),
  )
  await laptop.close()
  await alice.device.close()
  const before = await owner.wraps(accountId)

  // The messages come from a backup, the accounts do not.
  await network.database.sql`
    update chat.manifests set version = 1, manifest = ${older} where account_id = ${accountId}`
  await owner.beginEra()
  proxy.tampering = {}
  await laptop.open()

  await eventually('the manifest to be back', async () => {
    return (await owner.manifestOf(accountId)) === newer
  })
  const after = await owner.wraps(accountId)
  expect(new Set(after.map(({ ciphertext }) => ciphertext))).toEqual(
    new Set(before.map(({ ciphertext }) => ciphertext)),
  )
  expect(kindsOf(after)).toEqual(['password', 'recovery_code'])
})

test('a wrap that the server hid is read on the next connection', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const alice = await network.person('alice', { email: 'alice@sotto.example' })
  proxy.tampering = { response: hideRecoveryWrap }
  const laptop = await alice.addDevice({ origin: proxy.origin })
  const held = async () =>
    kindsOf(((await storedValue(laptop.storage, 'account', 'own')) as Own).wraps)
  expect(await held()).toEqual(['password'])
  await laptop.close()
  proxy.tampering = {}

  await laptop.open()

  await eventually('the laptop to hold both wraps', async () => (await held()).length === 2)
  expect(await held()).toEqual(['password', 'recovery_code'])
})
