import { ClientFrame, type ConversationId, ServerFrame } from '@sotto/wire'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../network/eventually.ts'
import { TestNetwork } from '../../network/network.ts'
import type { Person } from '../../network/people.ts'
import { TamperingProxy } from '../../network/tampering-proxy.ts'
import { expectShown } from '../shown.ts'

let network: TestNetwork
let proxy: TamperingProxy
let alice: Person
let bob: Person
let id: ConversationId

beforeAll(async () => {
  network = await TestNetwork.start()
  proxy = await TamperingProxy.start(network.origin)
  alice = await network.person('alice', { origin: proxy.origin })
  bob = await network.person('bob')
  id = await alice.startConversation(bob)
  await bob.send(id, 'hello')
  await expectShown(alice.device, id, ['hello'])
})
afterEach(() => {
  proxy.tampering = {}
})
afterAll(async () => {
  await network[Symbol.asyncDispose]()
  await proxy[Symbol.asyncDispose]()
})

/** The texts that Alice's device shows from `first` on, with notices. */
const shownFrom = (first: string) => {
  const items = alice.device.items(id)
  const start = items.findIndex((item) => item.kind === 'message' && item.text === first)
  return items.slice(start).map((item) => (item.kind === 'message' ? item.text : item.kind))
}
const expectFrom = (first: string, rest: readonly string[]) =>
  expect.poll(() => shownFrom(first), { interval: 10 }).toEqual([first, ...rest])

const frameOf = (text: string) => ServerFrame.parse(JSON.parse(text))

test('envelopes that are pushed twice are shown once', async () => {
  proxy.tampering.fromServer = (text) => {
    const frame = frameOf(text)
    if (frame.type !== 'envelopes') return [text]
    const { type, envelopes } = frame
    return [JSON.stringify({ type, envelopes: [...envelopes, ...envelopes] }), text]
  }

  for (const text of ['twice 1', 'twice 2']) await bob.send(id, text)

  await expectFrom('twice 1', ['twice 2'])
})

test('envelopes pushed out of order are shown in order', async () => {
  const kept: string[] = []
  proxy.tampering.fromServer = (text) => {
    if (frameOf(text).type !== 'envelopes') return [text]
    kept.push(text)
    return kept.length === 3 ? kept.toReversed() : []
  }

  for (const text of ['order 1', 'order 2', 'order 3']) await bob.send(id, text)

  await expectFrom('order 1', ['order 2', 'order 3'])
})

test('a message whose verdict is withheld is sent again and shown once', async () => {
  let verdicts = 0
  proxy.tampering.fromServer = (text) => {
    const { type } = frameOf(text)
    if (type === 'verdicts') verdicts += 1
    return type === 'verdicts' || type === 'envelopes' ? [] : [text]
  }
  const message = await alice.commands.send(id, 'with no verdict')
  await eventually('the verdict to be withheld', () => verdicts > 0)
  proxy.tampering = {}
  proxy.cut()

  await alice.commands.reconnect()
  await alice.device.message(id, (one) => one.id === message && one.seq !== null)

  await alice.send(id, 'after no verdict')
  await expectFrom('with no verdict', ['after no verdict'])
  await bob.device.message(id, ({ text }) => text === 'after no verdict')
  const texts = bob.device.messages(id).map(({ text }) => text)
  expect(texts.filter((text) => text === 'with no verdict')).toHaveLength(1)
  expect(bob.device.notices(id)).toEqual([])
})

test('delivered and read marks count only from the other person in the conversation', async () => {
  const carol = await network.person('carol')
  const { seq } = await alice.send(id, 'not read yet')
  const statusOf = () => alice.device.messages(id).find((one) => one.seq === seq)?.status
  await eventually('the message to be delivered', () => statusOf() === 'delivered')

  let isTold = false
  proxy.tampering.fromServer = (text, toClient) => {
    const receipt = { conversationId: id, deliveredSeq: seq, readSeq: seq }
    toClient(JSON.stringify({ type: 'receipts', accountId: carol.accountId, receipts: [receipt] }))
    isTold = true
    return [text]
  }
  await bob.send(id, 'a frame to Alice')
  await expectFrom('not read yet', ['a frame to Alice'])

  expect(isTold).toBe(true)
  expect(statusOf()).toBe('delivered')
})

test('the other side notices a message that the server only claims to have accepted', async () => {
  const newest = alice.device.messages(id).at(-1)?.seq ?? 0
  lieAboutSends(newest + 1)
  const lost = await alice.send(id, 'never stored')
  expect(lost).toMatchObject({ seq: newest + 1, status: 'accepted' })

  proxy.tampering = {}
  await alice.commands.send(id, 'stored')

  await bob.device.message(id, ({ text }) => text === 'stored')
  expect(bob.device.notices(id)).toMatchObject([{ kind: 'gap', count: 1, mine: false }])
})

/** Alice's next message never reaches the server, but is reported as accepted. */
function lieAboutSends(seq: number): void {
  const acceptedAt = Date.now()
  let answer: string | undefined
  proxy.tampering.fromClient = (text) => {
    const frame = ClientFrame.parse(JSON.parse(text))
    if (frame.type !== 'send') return [text]
    const verdicts = frame.envelopes.map((envelope, n) => ({
      fate: 'accepted',
      id: envelope.id,
      conversationId: envelope.conversationId,
      seq: seq + n,
      acceptedAt,
    }))
    answer = JSON.stringify({ type: 'verdicts', verdicts })
    // Any frame gets an answer; the lie is sent along with it.
    return [JSON.stringify({ type: 'ping' })]
  }
  proxy.tampering.fromServer = (text) => {
    const lie = answer
    answer = undefined
    return lie === undefined ? [text] : [lie]
  }
}
