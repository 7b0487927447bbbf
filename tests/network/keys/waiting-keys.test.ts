import { expect, test } from 'vitest'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'

const DAY = 24 * 60 * 60 * 1000
const waiting = { chat: { newKeysDelayHours: 24 } }

test('with only a log-in, new keys have to wait, and any device of the account can stop them', async () => {
  await using network = await TestNetwork.start(waiting)
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const laptop = await alice.addDevice()
  const begun = Date.now()
  const stranger = await alice.addLockedDevice()

  await stranger.commands.startWithNewKeys({ name: 'alice', picture: null })

  const { dueAt } = await stranger.stage('new_keys_wait')
  expect(dueAt).toBeGreaterThanOrEqual(begun + DAY)
  await alice.device.eventually(
    'the new keys to be announced',
    () => alice.device.me().waitingKeys.length === 1,
  )
  await laptop.eventually(
    'the new keys to be announced',
    () => laptop.me().waitingKeys.length === 1,
  )
  const [asked] = laptop.me().waitingKeys
  expect(asked?.dueAt).toBe(dueAt)
  await expect(stranger.commands.send(id, 'I am alice')).rejects.toThrow()
  await stranger.close()
  await stranger.open()
  await stranger.stage('new_keys_wait')

  await laptop.commands.stopNewKeys(asked?.identityKey ?? '')

  expect(laptop.me().waitingKeys).toEqual([])
  await alice.device.eventually('to know', () => alice.device.me().waitingKeys.length === 0)
  await stranger.close()
  await stranger.open()
  expect(await stranger.stage('locked')).toMatchObject({ newKeysStopped: true })
  await alice.send(id, 'still me')
  expect((await bob.nextMessage()).text).toBe('still me')
  expect([alice.device, laptop, bob.device].flatMap(({ failures }) => failures)).toEqual([])
})

test('when the wait is over, the new keys take effect', async () => {
  await using network = await TestNetwork.start(waiting)
  const alice = await network.person('alice')
  const device = await alice.addLockedDevice()
  await device.commands.startWithNewKeys({ name: 'alice', picture: null })
  await device.stage('new_keys_wait')
  await device.close()
  await network.database.sql`update chat.new_keys set due_at = asked_at`

  await device.open()

  alice.recoveryCode = await device.confirmRecovery()
  await device.online()
  expect(await alice.device.stage('signed_out')).toMatchObject({ reason: 'session_ended' })
  await eventually('nothing to wait', () => device.me().waitingKeys.length === 0)
  const phone = await alice.addDevice()
  expect(phone.failures).toEqual([])
})

test('an account that was unused for 30 days starts over immediately', async () => {
  await using network = await TestNetwork.start(waiting)
  const alice = await network.person('alice')
  await alice.device.close()
  await network.database.sql`
    update auth.sessions set last_used_at = last_used_at - interval '31 days'`
  const device = await alice.startOver()
  expect(device.me().waitingKeys).toEqual([])
})
