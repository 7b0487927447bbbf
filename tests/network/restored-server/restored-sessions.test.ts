import { expect, test } from 'vitest'
import { copyDatabase } from '../database-copies.ts'
import { TestNetwork } from '../network.ts'
import { storedValue } from '../stored-value.ts'
import { expectSame, writtenBy } from './same-timelines.ts'
import { talkPastCopy } from './talk-past-copy.ts'
import { writtenCounters } from './written-counters.ts'

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${name}${n + 1}`)

test.each(['ecdh', 'rsa'] as const)(
  'no one has to log in again after a restore, with refresh tokens that the backup does not know (%s)',
  async (protocol) => {
    await using network = await TestNetwork.start()
    const { alice, bob, id, copy } = await talkPastCopy(network, protocol)
    const people = [alice, bob] as const
    // Every device uses up its refresh token within 15 minutes; Alice's several times.
    for (const { device } of [...people, alice]) {
      await device.close()
      await device.open()
      await device.online()
    }
    const devicesBefore = people.map(({ device }) => device.me().deviceId)
    const countersBefore = await writtenCounters(people, id)

    await copy.restore(async () => {
      await alice.commands.send(id, 'a5')
      await bob.commands.send(id, 'b5')
      // Alice's returns with nothing but its storage, Bob's with an access token that is still
      // valid.
      await alice.device.close()
    })
    await alice.device.open()
    for (const { device } of people) await device.online()
    await alice.send(id, 'a6')
    await bob.send(id, 'b6')

    await expectSame(id, people, 12)
    for (const shownBy of people) {
      expect(writtenBy(alice, shownBy, id)).toEqual(numbered('a', 6))
      expect(writtenBy(bob, shownBy, id)).toEqual(numbered('b', 6))
    }
    expect(people.map(({ device }) => device.me().deviceId)).toEqual(devicesBefore)
    const counters = await writtenCounters(people, id)
    for (const [counter, message] of countersBefore) expect(counters.get(counter)).toBe(message)
    expect(network.logs).toContain('a session that the database had lost was restored')
    for (const { device } of people) {
      await device.close()
      await device.open()
      await device.online()
      expect(device.failures).toEqual([])
    }
  },
)

test('a device that logged in after the backup continues too, and one that was revoked before does not', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'from the first device')
  const lost = await alice.addDevice()
  const [{ sessionId } = { sessionId: undefined }] = (await alice.commands.listSessions()).filter(
    ({ deviceId }) => deviceId === lost.me().deviceId,
  )
  if (!sessionId) throw new Error('the session of the lost device is not listed')
  const stolenStorage = await storedValue(lost.storage, 'account', 'login')
  await lost.close()
  await alice.commands.endSession(sessionId)
  const copy = await copyDatabase(network)
  const tablet = await alice.addDevice()
  const { deviceId } = tablet.me()

  await copy.restore(async () => tablet.close())

  await tablet.open()
  await tablet.online()
  expect(tablet.me().deviceId).toBe(deviceId)
  await tablet.send(id, 'from the tablet')
  await bob.device.message(id, ({ text }) => text === 'from the tablet')
  expect(await storedValue(lost.storage, 'account', 'login')).toEqual(stolenStorage)
  await lost.open()
  expect(await lost.stage('signed_out')).toMatchObject({ reason: 'session_ended' })
})

test('a locked device cannot prove itself: it says what happened, and logs in again', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const copy = await copyDatabase(network)
  const tablet = await alice.addLockedDevice()

  await copy.restore(async () => tablet.close())

  await tablet.open()
  const unlocking = tablet.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await expect(unlocking).rejects.toMatchObject({ code: 'refresh_refused' })
  expect(await tablet.stage('signed_out')).toMatchObject({ reason: 'session_lost' })
  await alice.enter(tablet)
  await tablet.stage('locked')
  await tablet.commands.unlockWithRecoveryCode(alice.recoveryCode)
  await tablet.online()
})

test('an operator with two databases may restore only that of auth', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  const { sql } = network.database
  await sql`create table old_sessions as table auth.sessions`
  await sql`create table old_tokens as table auth.refresh_tokens`
  const tablet = await alice.addDevice()
  await tablet.close()
  await tablet.open()
  await tablet.online()
  await tablet.close()

  await network.stop()
  await sql`truncate auth.sessions cascade`
  await sql`insert into auth.sessions table old_sessions`
  await sql`insert into auth.refresh_tokens table old_tokens`
  await network.startAgain()

  await tablet.open()
  await tablet.online()
  await tablet.conversation(id)
  await tablet.send(id, 'still here')
  await bob.device.message(id, ({ text }) => text === 'still here')
})
