import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStorage } from '@sotto/sdk/node'
import { expect, test } from 'vitest'
import { TestDevice } from '../device.ts'
import { TestNetwork } from '../network.ts'

test('a bot continues after a restart, with its keys, its counters and its history', async () => {
  await using network = await TestNetwork.start()
  const folder = await mkdtemp(join(tmpdir(), 'sotto-bot-'))
  const file = join(folder, 'bot.db')
  const alice = await network.person('alice', { withRsa: true })
  const bot = await network.person('bot', { storage: openSqliteStorage(file), withRsa: true })
  const ids = [await alice.startConversation(bot), await alice.startConversation(bot, 'rsa')]
  for (const id of ids) {
    await bot.send(id, 'before')
    await alice.nextMessage()
  }
  await bot.device.close()

  const restarted = await TestDevice.open(network, 'the bot', { storage: openSqliteStorage(file) })
  await restarted.online()

  for (const id of ids) {
    await restarted.send(id, 'after')
    expect((await alice.nextMessage()).text).toBe('after')
    await alice.send(id, 'well done')
    expect((await restarted.nextMessage()).text).toBe('well done')
    expect(await restarted.wholeHistory(id, 3)).toEqual(['before', 'after', 'well done'])
    expect(alice.device.notices(id)).toEqual([])
  }
  await restarted.close()
  await rm(folder, { recursive: true })
})
