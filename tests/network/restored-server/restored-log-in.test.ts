import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'
import { expectSame, writtenBy } from './same-timelines.ts'
import { talkPastCopy } from './talk-past-copy.ts'
import { writtenCounters } from './written-counters.ts'

const numbered = (name: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${name}${n + 1}`)

test.each(['ecdh', 'rsa'] as const)(
  'after a restore that ended all sessions everyone logs in again, and nothing is lost, duplicated or reordered (%s)',
  async (protocol) => {
    await using network = await TestNetwork.start()
    const { alice, bob, id, copy } = await talkPastCopy(network, protocol)
    const people = [alice, bob] as const
    // Every device uses up its refresh token within 15 minutes.
    for (const { device } of people) {
      await device.close()
      await device.open()
      await device.online()
    }
    const devicesBefore = people.map(({ device }) => device.me().deviceId)
    const countersBefore = await writtenCounters(people, id)

    await copy.restore(async () => {
      // They wait through the restore and the log-in.
      await alice.commands.send(id, 'a5')
      await bob.commands.send(id, 'b5')
      for (const { device } of people) await device.close()
      // The state of a backup that was taken a moment later.
      await network.database.sql`update auth.sessions set ended_at = now()`
    })
    for (const { device } of people) {
      await device.open()
      expect(await device.stage('signed_out')).toMatchObject({ reason: 'session_ended' })
    }
    await alice.enter(alice.device)
    await alice.device.online()
    await alice.send(id, 'a6')
    await bob.enter(bob.device)
    await bob.device.online()
    await bob.send(id, 'b6')

    await expectSame(id, people, 12)
    for (const shownBy of people) {
      expect(writtenBy(alice, shownBy, id)).toEqual(numbered('a', 6))
      expect(writtenBy(bob, shownBy, id)).toEqual(numbered('b', 6))
    }
    for (const { device } of people) expect(devicesBefore).not.toContain(device.me().deviceId)
    const counters = await writtenCounters(people, id)
    for (const [counter, message] of counters) {
      expect(countersBefore.get(counter) ?? message).toBe(message)
    }
    expect(new Set(counters.values()).size).toBe(12)
    const newcomer = await bob.addDevice()
    await newcomer.conversation(id)
    expect(await newcomer.wholeHistory(id, 12)).toHaveLength(12)
    expect(newcomer.notices(id)).toEqual([])
    expect(people.flatMap(({ device }) => device.failures)).toEqual([])
  },
)
