import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'

const texts = {
  'one byte': 'a',
  '191 bytes': 'b'.repeat(191),
  '60 KiB': 'c'.repeat(60 * 1024),
  emoji: '🧑‍🚀 to the 🌕, ☕️ and back 🏳️‍🌈',
  'right to left': 'שלום, مرحبا — mixed with English',
}

test.each(['ecdh', 'rsa'] as const)(
  'two people exchange messages in both directions (%s)',
  async (protocol) => {
    await using network = await TestNetwork.start()
    const alice = await network.person('alice', { withRsa: true })
    const bob = await network.person('bob', { withRsa: true })
    const id = await alice.startConversation(bob, protocol)

    for (const text of Object.values(texts)) {
      await alice.send(id, text)
      expect((await bob.nextMessage()).text).toBe(text)
      await bob.send(id, text)
      expect((await alice.nextMessage()).text).toBe(text)
    }

    expect(alice.device.notices(id)).toEqual([])
    expect(bob.device.notices(id)).toEqual([])
    expect([...alice.device.failures, ...bob.device.failures]).toEqual([])
  },
)
