import type { AccountId, Wrap } from '@sotto/wire'
import { expect, test, vi } from 'vitest'
import { copyDatabase } from './database-copies.ts'
import { eventually } from './eventually.ts'
import { TestNetwork } from './network.ts'
import { TamperingProxy } from './tampering-proxy.ts'

vi.setConfig({ testTimeout: 90_000 })

/** The wraps of an account as the auth service has them. */
async function wrapsOf({ database }: TestNetwork, accountId: AccountId): Promise<Wrap[]> {
  return database.sql<Wrap[]>`
    select kind, ciphertext from auth.wraps where account_id = ${accountId} order by kind`
}

test('a recovery code from after the backup of the auth service opens the keys again', async () => {
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

  await eventually('the newest wraps to be back', async () => {
    return JSON.stringify(await wrapsOf(network, accountId)) === JSON.stringify(newer)
  })
  const phone = await alice.addDevice()
  expect([...phone.failures, ...alice.device.failures]).toEqual([])
})

test('a recovery code works again when the device that was making another one is lost', async () => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const alice = await network.person('alice', { origin: proxy.origin })
  const phone = await alice.addDevice({ origin: network.origin })
  await phone.close()
  proxy.tampering = {
    request(exchange) {
      if (exchange.method !== 'PUT' || exchange.path !== '/manifest') return 'forward'
      exchange.status = 503
      return 'answered'
    },
  }
  const { accountId } = alice
  const before = await wrapsOf(network, accountId)
  await expect(alice.renewRecoveryCode()).rejects.toThrow()
  await alice.device.close()

  expect(await wrapsOf(network, accountId)).not.toEqual(before)

  await phone.open()

  await eventually('the wrap to be back', async () => {
    return JSON.stringify(await wrapsOf(network, accountId)) === JSON.stringify(before)
  })
  await alice.addDevice({ origin: network.origin })
  expect(phone.failures).toEqual([])
})

test('a wrap that somebody wrote over is back with the next connection', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const { sql } = network.database
  const { accountId } = alice
  const before = await wrapsOf(network, accountId)
  await alice.device.close()
  const nonsense = Buffer.alloc(60).toString('base64url')
  await sql`update auth.wraps set ciphertext = ${nonsense} where account_id = ${accountId}`

  await alice.device.open()

  await eventually('the wrap to be back', async () => {
    return JSON.stringify(await wrapsOf(network, accountId)) === JSON.stringify(before)
  })
  expect(alice.device.failures).toEqual([])
})
