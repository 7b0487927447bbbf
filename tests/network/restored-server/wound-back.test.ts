import { expect, test } from 'vitest'
import { copyDatabase } from '../database-copies.ts'
import { eventually } from '../eventually.ts'
import { TestNetwork } from '../network.ts'
import { TamperingProxy } from '../tampering-proxy.ts'
import { expectSame, writtenBy } from './same-timelines.ts'
import { talkPastCopy } from './talk-past-copy.ts'

// Each test restarts once or twice.
test.each(['ecdh', 'rsa'] as const)(
  'messages that a restored server has lost are sent again, once and in order (%s)',
  async (protocol) => {
    await using network = await TestNetwork.start()
    const { alice, bob, id, copy } = await talkPastCopy(network, protocol)

    await copy.restore()
    await alice.send(id, 'a5')
    await bob.send(id, 'b5')

    await expectSame(id, [alice, bob], 10)
    for (const shownBy of [alice, bob]) {
      expect(writtenBy(alice, shownBy, id)).toEqual(['a1', 'a2', 'a3', 'a4', 'a5'])
      expect(writtenBy(bob, shownBy, id)).toEqual(['b1', 'b2', 'b3', 'b4', 'b5'])
    }
    const newcomer = await bob.addDevice()
    await newcomer.conversation(id)
    expect(await newcomer.wholeHistory(id, 10)).toHaveLength(10)
    expect(newcomer.notices(id)).toEqual([])
  },
)

test('messages from a person who is not back yet stay in their place', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'a1')
  await bob.nextMessage()
  const copy = await copyDatabase(network)
  await alice.send(id, 'a2')
  await alice.send(id, 'a3')
  await bob.device.message(id, ({ text }) => text === 'a3')
  await bob.send(id, 'b1')
  await alice.device.message(id, ({ text }) => text === 'b1')
  await alice.device.close()

  await copy.restore()
  await bob.device.message(id, ({ text, seq }) => text === 'b1' && seq === 2)
  await bob.send(id, 'b2')

  const texts = () => bob.device.messages(id).map(({ text }) => text)
  expect(texts()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2'])
  expect(bob.device.notices(id)).toEqual([])
  await bob.device.close()
  await bob.device.open()
  await bob.device.message(id, ({ text }) => text === 'b2')
  expect(texts()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2'])

  await alice.device.open()
  await expectSame(id, [alice, bob], 5)
  expect(writtenBy(alice, bob, id)).toEqual(['a1', 'a2', 'a3'])
  expect(bob.conversations()[0]).toMatchObject({ unread: 3 })
})

test('a conversation and an answer made after the backup are restored by themselves', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob, carol] = await network.people('alice', 'bob', 'carol')
  const asked = await carol.commands.startConversation(bob.accountId, 'ecdh')
  await carol.send(asked, 'will you?')
  await bob.device.conversation(asked)
  const copy = await copyDatabase(network)
  await bob.commands.answerRequest(asked, 'accepted')
  await bob.send(asked, 'I will')
  const id = await alice.startConversation(bob)
  for (let n = 1; n <= 25; n++) await alice.commands.send(id, `a${n}`)
  await alice.device.message(id, ({ text, seq }) => text === 'a25' && seq !== null)
  await bob.device.message(id, ({ text }) => text === 'a25')

  await copy.restore()

  await expectSame(id, [alice, bob], 25)
  await expectSame(asked, [bob, carol], 2)
  await alice.device.conversation(id, ({ state }) => state === 'open')
  await bob.device.conversation(id, ({ state }) => state === 'open')
  await carol.device.conversation(asked, ({ state }) => state === 'open')
})

test('a block made after the backup stays in force', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const id = await alice.startConversation(bob)
  await alice.send(id, 'a1')
  await bob.nextMessage()
  const copy = await copyDatabase(network)
  await bob.commands.answerRequest(id, 'blocked')

  await copy.restore()
  await eventually('the block to be there again', async () => {
    const [row] = await network.database.sql`
      select state from chat.participants where account_id = ${bob.accountId}`
    return row?.state === 'blocked'
  })

  const message = await alice.commands.send(id, 'a2')
  await alice.device.message(id, (one) => one.id === message && one.status === 'failed')
})

test('people who signed up after the backup have to sign up again; others keep their messages', async () => {
  await using network = await TestNetwork.start()
  const alice = await network.person('alice')
  const copy = await copyDatabase(network)
  const dora = await network.person('dora')
  const id = await alice.startConversation(dora)
  await dora.send(id, 'hello')
  await alice.nextMessage()

  await copy.restore()

  // Neither she nor her session existed then.
  await dora.device.close()
  await dora.device.open()
  expect(await dora.device.stage('signed_out')).toMatchObject({ reason: 'account_gone' })
  await alice.device.online()
  expect(alice.device.messages(id).map(({ text }) => text)).toEqual(['hello'])
  const message = await alice.commands.send(id, 'are you there?')
  await alice.device.message(id, (one) => one.id === message && one.status === 'failed')
})

test.each([
  [
    'a conversation cannot be created again at first',
    { endpoint: 'POST /conversations', status: 429, body: '{"code":"rate_limited"}' },
  ],
  ['its log cannot be compared at first', { endpoint: 'GET /envelopes', status: 200, body: '{}' }],
] as const)('nothing is lost when %s', async (_, refusal) => {
  await using network = await TestNetwork.start()
  await using proxy = await TamperingProxy.start(network.origin)
  const [alice, bob] = await Promise.all([
    network.person('alice', { origin: proxy.origin }),
    network.person('bob'),
  ])
  const empty = await copyDatabase(network)
  const id = await alice.startConversation(bob)
  await alice.send(id, 'zero of alice')
  await bob.send(id, 'zero of bob')
  const begun = await copyDatabase(network)
  const copy = refusal.status === 429 ? empty : begun
  for (const text of ['one', 'two', 'three']) {
    await alice.send(id, `${text} of alice`)
    await bob.send(id, `${text} of bob`)
  }
  let refusals = 0
  proxy.tampering = {
    request(exchange) {
      const asked = `${exchange.method} /${exchange.path.split('?')[0]?.split('/').at(-1)}`
      if (asked !== refusal.endpoint || refusals > 0) return 'forward'
      refusals += 1
      exchange.status = refusal.status
      exchange.responseBody = refusal.body
      return 'answered'
    },
  }

  // The first to return creates the conversation again, or replaces its log.
  const late = refusal.status === 429 ? bob : alice
  await late.device.close()
  await copy.restore()
  if (late === alice) await bob.send(id, 'four of bob')
  else await eventually('the refusal', () => refusals === 1)
  await late.device.open()
  await eventually('the refusal', () => refusals === 1)
  if (late === bob) await bob.send(id, 'four of bob')
  await alice.commands.reconnect()
  await alice.send(id, 'four of alice')

  await expectSame(id, [alice, bob], 10)
  for (const shownBy of [alice, bob]) {
    for (const writer of [alice, bob]) {
      expect(writtenBy(writer, shownBy, id)).toEqual(
        ['zero', 'one', 'two', 'three', 'four'].map((text) => `${text} of ${writer.name}`),
      )
    }
    expect(shownBy.device.notices(id)).toEqual([])
  }
})

test('a conversation that was replaced by another is closed, and the open one is offered', async () => {
  await using network = await TestNetwork.start()
  const [alice, bob] = await network.people('alice', 'bob')
  const copy = await copyDatabase(network)
  const dead = await alice.startConversation(bob)
  await alice.send(dead, 'from before')
  await bob.nextMessage()
  const { accountId } = alice
  await alice.device.close()
  // Bob's other device does not know the conversation, and starts another before Alice is back.
  await bob.device.close()
  await copy.restore()
  const phone = await bob.addDevice()
  const living = await phone.commands.startConversation(accountId, 'ecdh')

  await alice.device.open()
  await alice.device.conversation(living)

  await expect(alice.commands.send(dead, 'no more')).rejects.toMatchObject({
    code: 'conversation_closed',
  })
  expect(await alice.commands.startConversation(phone.me().accountId, 'ecdh')).toBe(living)
  await alice.device.message(dead, ({ text }) => text === 'from before')
})
