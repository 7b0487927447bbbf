import type { Wrap } from '@sotto/wire'
import { expect, test, vi } from 'vitest'
import { copyDatabase } from './database-copies.ts'
import { eventually } from './eventually.ts'
import { TestNetwork } from './network.ts'

vi.setConfig({ testTimeout: 90_000 })

test('a recovery code from after the backup of the auth service opens the keys again', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const { sql } = network.database
  const { accountId } = alice
  const wraps = () => sql<Wrap[]>`
    select kind, ciphertext from auth.wraps where account_id = ${accountId} order by kind`
  const older = await wraps()
  await alice.renewRecoveryCode()
  const newer = await wraps()
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
    return JSON.stringify(await wraps()) === JSON.stringify(newer)
  })
  const phone = await alice.addDevice()
  expect([...phone.failures, ...alice.device.failures]).toEqual([])
})
