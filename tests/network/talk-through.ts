import { Person, type Place } from './people.ts'

/**
 * Two people sign up at a place and write to each other, in both directions, before and after
 * something happens. Resolves to how many connections their devices opened from then on: 0 if none
 * was lost.
 */
export async function talkThrough(place: Place, happens: () => Promise<unknown>): Promise<number> {
  let opened = 0
  const createWebSocket = (url: string) => {
    opened += 1
    return new WebSocket(url)
  }
  const alice = await Person.signUp(place, 'alice', { createWebSocket })
  const bob = await Person.signUp(place, 'bob', { createWebSocket })
  const id = await alice.startConversation(bob, 'ecdh')
  async function exchange(text: string) {
    for (const [from, to] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      await from.send(id, text)
      const received = await to.nextMessage()
      if (received.text !== text) throw new Error(`${to.name} received a different text`)
    }
  }
  // As long as messages may be, and longer than proxies buffer by default.
  await exchange('x'.repeat(60 * 1024))
  const before = opened
  await happens()
  await exchange('and after')
  await Promise.all([alice.leave(), bob.leave()])
  return opened - before
}
