import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'
import { randomFrom } from '../random-from.ts'
import { TamperingProxy } from '../tampering-proxy.ts'

const MAY_SUFFER = /^\{"type":"(envelopes|verdicts|receipts|conversation_changed|typing)"/

test.each([1, 2, 3])(
  'lost, duplicated and reordered frames change nothing (seed %d)',
  async (seed) => {
    await using network = await TestNetwork.start()
    await using proxy = await TamperingProxy.start(network.origin)
    const random = randomFrom(seed)
    const options = { origin: proxy.origin }
    const alice = await network.person('alice', options)
    const bob = await network.person('bob', options)
    const id = await alice.startConversation(bob)
    proxy.tampering = {
      fromServer(frame, toClient) {
        if (!MAY_SUFFER.test(frame)) return [frame]
        const fate = random()
        if (fate < 0.15) return []
        if (fate < 0.3) return [frame, frame]
        if (fate < 0.55) {
          setTimeout(() => toClient(frame), random() * 80)
          return []
        }
        return [frame]
      },
    }

    for (let i = 0; i < 60; i++) {
      await alice.commands.send(id, `alice ${i}`)
      await bob.commands.send(id, `bob ${i}`)
      if (random() < 0.05) proxy.cut()
    }
    proxy.tampering = {}
    await new Promise((resolve) => setTimeout(resolve, 200))
    proxy.cut()

    const hers = await alice.device.wholeHistory(id, 120)
    expect(await bob.device.wholeHistory(id, 120)).toEqual(hers)
    for (const name of ['alice', 'bob']) {
      const written = Array.from({ length: 60 }, (_, i) => `${name} ${i}`)
      expect(hers.filter((text) => text.startsWith(name))).toEqual(written)
    }
    expect([...alice.device.notices(id), ...bob.device.notices(id)]).toEqual([])
  },
)
