import { expect, test } from 'vitest'
import { copyDatabase } from '../database-copies.ts'
import { TestDevice } from '../device.ts'
import { eventually } from '../eventually.ts'
import { held } from '../held-requests.ts'
import { TestNetwork } from '../network.ts'

test('a sign-up continues although a restored server has lost the first half of it', async () => {
  await using network = await TestNetwork.start()
  let isRestored = false
  const manifests = held('PUT', '/manifest', () => isRestored)
  const device = await TestDevice.open(network, 'a device', { fetch: manifests.fetch })
  const phone = network.newPhone()
  const { challengeId } = await device.commands.startPhone(phone)
  await device.commands.verifyPhone(challengeId, await network.codeFor(phone))
  const copy = await copyDatabase(network)
  const profile = { name: 'alice', picture: null, withRsa: false }
  const creating = device.commands.createProfile(profile).catch((error: unknown) => error)
  await eventually('a manifest', () => manifests.count === 1)

  await copy.restore()
  isRestored = true

  await creating
  await device.confirmRecovery()
  await device.online()
  const { accountId } = device.me()
  const rows = await network.database.sql`
    select 1 from chat.accounts join chat.manifests using (account_id)
    where account_id = ${accountId}`
  expect(rows).toHaveLength(1)
  await device.close()
})
