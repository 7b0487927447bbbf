import { copyDatabase } from '../database-copies.ts'
import type { TestNetwork } from '../network.ts'
import { expectSame } from './same-timelines.ts'

/**
 * Alice and Bob write to each other: a1 and b1, then the database is copied, then a2 to a4 and b2
 * to b4. All of them are accepted, and shown to both.
 */
export async function talkPastCopy(network: TestNetwork, protocol: 'ecdh' | 'rsa') {
  const [alice, bob] = await Promise.all([
    network.person('alice', { withRsa: true }),
    network.person('bob', { withRsa: true }),
  ])
  const id = await alice.startConversation(bob, protocol)
  await alice.send(id, 'a1')
  await bob.send(id, 'b1')
  const copy = await copyDatabase(network)
  for (const n of [2, 3, 4]) {
    await alice.send(id, `a${n}`)
    await bob.send(id, `b${n}`)
  }
  await expectSame(id, [alice, bob], 8)
  return { alice, bob, id, copy }
}
