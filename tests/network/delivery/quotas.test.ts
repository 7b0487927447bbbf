import { usualQuotas } from '@sotto/chat'
import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'

const allow = ({ database }: TestNetwork, accountId: string, bytes: number) =>
  database.sql`
    update chat.account_usage set allowed_bytes = ${bytes} where account_id = ${accountId}`

test('messages beyond the quota stay on the device, and are sent when there is room', async () => {
  const quotas = { ...usualQuotas, youngBytes: 6_000 }
  await using network = await TestNetwork.start({ chat: { quotas } })
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'fits')
  const long = 'x'.repeat(5_000)
  const refused = await alice.commands.send(id, long)

  await alice.device.message(id, ({ failure }) => failure === 'quota_exceeded')
  // A full account still receives, and the other side is not full.
  await bob.send(id, 'are you there?')
  expect((await alice.nextMessage()).text).toBe('are you there?')

  await allow(network, alice.accountId, 100_000)
  await alice.commands.retry(id, refused)
  expect((await bob.nextMessage()).text).toBe('fits')
  expect((await bob.nextMessage()).text).toBe(long)
  expect(bob.device.notices(id)).toEqual([])
})

test('messages beyond the hourly quota wait, and are sent in order automatically', async () => {
  // A quarter for a new account: the second message never fits into the same hour.
  const quotas = { ...usualQuotas, hourlyBytes: 40_000 }
  await using network = await TestNetwork.start({ chat: { quotas } })
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const texts = ['first', 'x'.repeat(12_000), 'third', 'fourth']
  for (const text of texts) await alice.commands.send(id, text)
  expect((await bob.nextMessage()).text).toBe('first')
  await alice.device.message(id, ({ text }) => text === 'fourth')
  const waiting = alice.device.messages(id).slice(1)
  expect(waiting.map(({ status }) => status)).toEqual(['waiting', 'waiting', 'waiting'])

  await network.database.sql`update chat.account_usage set since = 0`
  expect(await bob.device.wholeHistory(id, texts.length)).toEqual(texts)
  expect(bob.device.notices(id)).toEqual([])
})

test('people are warned before their quota is used up', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'one')
  const { bytes, devices, youngUntil, near, full } = await alice.commands.storageUsage()
  expect(bytes.used).toBeGreaterThan(1_024 + 256)
  expect(bytes.allowed).toBe(usualQuotas.youngBytes)
  expect(devices).toEqual({ used: 1, allowed: 64 })
  expect(youngUntil).toBeGreaterThan(Date.now())
  expect([...near, ...full]).toEqual([])

  await allow(network, alice.accountId, Math.floor(bytes.used / 0.8))
  expect(await alice.commands.storageUsage()).toMatchObject({ near: ['bytes'], full: [] })
  await allow(network, alice.accountId, bytes.used)
  expect(await alice.commands.storageUsage()).toMatchObject({ near: [], full: ['bytes'] })
})
