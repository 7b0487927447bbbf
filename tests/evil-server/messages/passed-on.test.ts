import { type AccountKeys, signRecord, verifyRecord } from '@sotto/crypto'
import { afterAll, beforeAll, test } from 'vitest'
import { storedValue } from '../../network/stored-value.ts'
import { Scene } from '../scene.ts'
import { expectShown, whileAway } from '../shown.ts'

let scene: Scene

beforeAll(async () => {
  scene = await Scene.start()
})
afterAll(() => scene[Symbol.asyncDispose]())

/** Carol publishes Bob's public keys as her own: messages to her open with his keys. */
async function borrowKeys(): Promise<void> {
  const { carol, bob, owner } = scene
  const keys = (await storedValue(carol.device.storage, 'keys', 'account')) as AccountKeys
  const own = await verifyRecord(await owner.recordOf(carol.accountId))
  const { ecdhKey, rsaKey } = await verifyRecord(await owner.recordOf(bob.accountId))
  const version = own.version + 1
  const record = await signRecord(keys.identity, { ...own, version, ecdhKey, rsaKey })
  await owner.publish(carol.accountId, { record })
}

test('a message that was written to someone else is refused, even if it opens', async () => {
  const { alice, bob, carol, owner } = scene
  const [bobId, carolId] = [bob.accountId, carol.accountId]
  await borrowKeys()
  const ids = [
    await alice.startConversation(carol, 'ecdh'),
    await alice.startConversation(carol, 'rsa'),
  ]
  for (const id of ids) await alice.send(id, 'between the two of us')
  for (const id of ids) {
    await whileAway(bob, async () => {
      await owner.removeParticipant(id, carolId)
      await owner.addParticipant(id, bobId)
    })
    await bob.device.conversation(id)
    await expectShown(bob.device, id, ['[misplaced]'])
  }
})
