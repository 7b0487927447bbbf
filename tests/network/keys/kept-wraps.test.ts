import { isDeepStrictEqual } from 'node:util'
import type { AccountId, Wrap } from '@sotto/wire'
import { expect, test } from 'vitest'
import { expectCurrentManifest } from '../current-manifest.ts'
import { copyDatabase } from '../database-copies.ts'
import { TestDevice } from '../device.ts'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'
import { failing, type Tampering, TamperingProxy } from '../tampering-proxy.ts'

/** The server accepts the next manifest, but announces it only after another wrap has arrived. */
function withoutAnswer(): Tampering {
  let isTaken = false
  return {
    response(exchange) {
      const isPut = exchange.method === 'PUT'
      if (isPut && exchange.path.startsWith('/wraps')) isTaken = false
      if (exchange.path !== '/manifest') return
      isTaken ||= isPut
      if (isTaken) exchange.status = 503
    },
  }
}

/** The wraps of an account in the auth service. */
async function wrapsOf({ database }: TestNetwork, accountId: AccountId): Promise<Wrap[]> {
  const rows = await database.sql<Wrap[]>`
    select kind, ciphertext from auth.wraps where account_id = ${accountId} order by kind`
  return rows.map(({ kind, ciphertext }) => ({ kind, ciphertext }))
}

async function expectWraps(network: TestNetwork, accountId: AccountId, wraps: readonly Wrap[]) {
  await eventually('the wraps to be back', async () => {
    return isDeepStrictEqual(await wrapsOf(network, accountId), wraps)
  })
}

test("a recovery code from after the auth service's backup opens the keys again", async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const { sql } = network.database
  const { accountId } = alice
  const older = await wrapsOf(network, accountId)
  await alice.renewRecoveryCode()
  const newer = await wrapsOf(network, accountId)
  expect(newer).not.toEqual(older)
  const copy = await copyDatabase(network)

  await copy.restore(async () => {
    for (const { kind, ciphertext } of older) {
      await sql`
        update auth.wraps set ciphertext = ${ciphertext}
        where account_id = ${accountId} and kind = ${kind}`
    }
  })

  await expectWraps(network, accountId, newer)
  const phone = await alice.addDevice()
  expect([...phone.failures, ...alice.device.failures]).toEqual([])
})

test('a recovery code works again if the device that was replacing it is lost', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const alice = await network.person('alice', { origin: proxy.origin })
  const phone = await alice.addDevice({ origin: network.origin })
  await phone.close()
  proxy.tampering = failing('PUT', '/manifest')
  const { accountId } = alice
  const before = await wrapsOf(network, accountId)
  await expect(alice.renewRecoveryCode()).rejects.toThrow()
  await alice.device.close()

  expect(await wrapsOf(network, accountId)).not.toEqual(before)

  await phone.open()

  await expectWraps(network, accountId, before)
  await alice.addDevice({ origin: network.origin })
  expect(phone.failures).toEqual([])
})

test('an overwritten wrap is restored at the next connection', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const { sql } = network.database
  const { accountId } = alice
  const before = await wrapsOf(network, accountId)
  await alice.device.close()
  const nonsense = Buffer.alloc(60).toString('base64url')
  await sql`update auth.wraps set ciphertext = ${nonsense} where account_id = ${accountId}`

  await alice.device.open()

  await expectWraps(network, accountId, before)
  expect(alice.device.failures).toEqual([])
})

test('a code replaced by another device stays replaced, although its own manifest got no answer', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const alice = await network.person('alice', { origin: proxy.origin })
  const phone = await alice.addDevice({ origin: network.origin })
  proxy.tampering = withoutAnswer()
  await expect(alice.renewRecoveryCode()).rejects.toThrow()
  await alice.device.close()
  proxy.tampering = {}
  // It knows the first of the two new codes when it creates the second one.
  await phone.close()
  await phone.open()
  await phone.eventually(
    'to have the manifest',
    async () => (await phone.own()).manifest.version > 1,
  )
  await alice.renewRecoveryCode(phone)
  const { manifest } = await phone.own()

  for (let round = 0; round < 2; round++) {
    for (const device of [alice.device, phone]) {
      await device.close()
      await device.open()
      await device.eventually('to have the newest manifest', async () => {
        const own = await device.own()
        return own.manifest.version >= manifest.version && !own.hasNewWraps
      })
    }
  }

  expect((await phone.own()).manifest.version).toBe(manifest.version)
  await alice.addDevice({ origin: network.origin })
})

test('a manifest that names no new wrap does not wait for the auth service', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const alice = await network.person('alice', { origin: proxy.origin })
  proxy.tampering = {
    request(exchange) {
      if (!exchange.path.startsWith('/auth/')) return 'forward'
      exchange.status = 503
      return 'answered'
    },
  }

  await alice.commands.updateProfile({ name: 'alice two', picture: null })

  const { manifest, record } = await alice.device.own()
  expect(manifest.record).toBe(record.version)
})

test('a password set on a locked device opens the keys once an unlocked device has used it', async () => {
  await using network = await TestNetwork.start()
  const email = 'alice@sotto.example'
  const alice = await network.person('alice', { email })
  const password = 'another long password of hers'
  const locked = await TestDevice.open(network, 'a locked device')
  alice.devices.push(locked)
  const { challengeId } = await locked.commands.startEmail(email)
  await locked.commands.verifyEmail(challengeId, await network.codeFor(email))
  await locked.commands.setPassword(password)
  await locked.stage('locked')
  await alice.device.stage('signed_out')

  await alice.commands.logIn(email, password)
  await alice.device.online()
  await alice.device.wrapsNamed()

  const tablet = await TestDevice.open(network, 'a tablet')
  alice.devices.push(tablet)
  await tablet.commands.logIn(email, password)
  await tablet.online()
  expect([...alice.device.failures, ...tablet.failures]).toEqual([])
})

test('a code whose manifest got no answer before a restore is kept', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const [alice, bob] = await Promise.all([
    network.person('alice', { origin: proxy.origin }),
    network.person('bob'),
  ])
  const { accountId } = alice
  const phone = await alice.addDevice({ origin: network.origin })
  const copy = await copyDatabase(network)
  await phone.close()
  await alice.renewRecoveryCode()
  proxy.tampering = withoutAnswer()
  const { recoveryCode, askedGroup } = await alice.commands.renewRecoveryCode()
  const group = recoveryCode.split('-')[askedGroup - 1] ?? ''
  await expect(alice.commands.confirmRecovery(group)).rejects.toThrow()
  await alice.device.close()
  proxy.tampering = {}

  await copy.restore()
  // Its manifests are later ones, and name the code of the backup.
  await phone.open()
  for (const name of ['one', 'two', 'three']) {
    await phone.commands.updateProfile({ name, picture: null })
  }
  await phone.commands.startConversation(bob.accountId, 'ecdh')
  await expectCurrentManifest(network, accountId)
  await alice.device.open()
  await alice.device.online()
  await alice.device.wrapsNamed()

  alice.recoveryCode = recoveryCode
  await alice.addDevice({ origin: network.origin })
})

test('a code created because the previous one got no answer takes effect', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const alice = await network.person('alice', { origin: proxy.origin })
  proxy.tampering = withoutAnswer()
  await expect(alice.renewRecoveryCode()).rejects.toThrow()

  const { recoveryCode, askedGroup } = await alice.commands.renewRecoveryCode()
  const group = recoveryCode.split('-')[askedGroup - 1] ?? ''
  await alice.commands.confirmRecovery(group).catch(() => {})
  proxy.tampering = {}
  await alice.device.close()
  await alice.device.open()
  await alice.device.wrapsNamed()
  alice.recoveryCode = recoveryCode

  await alice.addDevice({ origin: network.origin })
  expect(alice.device.failures).toEqual([])
})
