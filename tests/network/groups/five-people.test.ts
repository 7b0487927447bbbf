import { type CreateProtocols, createProtocols } from '@sotto/sdk/protocols'
import { type ConversationId, PROTOCOL_PARTICIPANTS } from '@sotto/wire'
import { expect, test } from 'vitest'
import { TestNetwork } from '../network.ts'
import type { Person } from '../people.ts'
import { storedValue } from '../stored-value.ts'
import { createFakeGroupProtocol, NEW_KEYS } from './fake-group-protocol.ts'

// No protocol in this version has more than two participants yet, so a fake one takes the name `ecdh`.
const withGroups: CreateProtocols = (me) => ({
  ...createProtocols(me),
  ecdh: createFakeGroupProtocol(),
})

const NAMES = ['Alice', 'Bob', 'Carol', 'Dave', 'Erin'] as const

async function startNetwork(): Promise<TestNetwork> {
  return TestNetwork.start({
    chat: { maxParticipants: { ...PROTOCOL_PARTICIPANTS, ecdh: NAMES.length } },
  })
}

async function startGroup(network: TestNetwork) {
  const people = await Promise.all(
    NAMES.map((name) => network.person(name, { createProtocols: withGroups })),
  )
  const [alice, ...others] = people as [Person, ...Person[]]
  const id = await alice.commands.startConversation(
    others.map(({ accountId }) => accountId),
    'ecdh',
  )
  return { people, alice, others, id }
}

async function joinAll(id: ConversationId, others: readonly Person[]): Promise<void> {
  for (const person of others) {
    await person.device.conversation(id)
    await person.commands.answerRequest(id, 'accepted')
  }
}

/** The messages of a conversation in a person's timeline, in log order. */
const shown = (person: Person, id: ConversationId) =>
  person.device.messages(id).map(({ seq, sender, text }) => ({ seq, sender, text }))

test('five people read one log: the same messages, senders and order for everyone', async () => {
  await using network = await startNetwork()
  const { people, alice, others, id } = await startGroup(network)
  for (const person of others) {
    const { participants, state } = await person.device.conversation(id)
    expect(state).toBe('request')
    expect(participants.map(({ name }) => name).sort()).toEqual(
      NAMES.filter((name) => name !== person.name),
    )
  }
  await joinAll(id, others)
  await alice.device.conversation(id, ({ participants }) =>
    participants.every(({ state }) => state === 'accepted'),
  )

  const sent = await Promise.all(
    people.flatMap((person) => [1, 2].map((n) => person.send(id, `${person.name} ${n}`))),
  )
  const total = sent.length
  for (const { device } of people) {
    await device.eventually('to have everything', () => device.messages(id).length === total)
  }
  const log = shown(alice, id)

  expect(log.map(({ seq }) => seq)).toEqual(sent.map((_, index) => index + 1))
  for (const person of people) {
    expect(shown(person, id)).toEqual(log)
    expect(person.device.notices(id)).toEqual([])
    const texts = log.filter(({ sender }) => sender === person.accountId).map(({ text }) => text)
    expect(texts).toEqual([`${person.name} 1`, `${person.name} 2`])
  }
})

test('a message counts as delivered and read once that is true for everyone', async () => {
  await using network = await startNetwork()
  const { alice, others, id } = await startGroup(network)
  await joinAll(id, others)
  const { id: message } = await alice.send(id, 'hello, all of you')
  const status = () => alice.device.messages(id).find((one) => one.id === message)?.status
  await alice.device.eventually('to know it is delivered', () => status() === 'delivered')

  const [last, ...first] = others
  for (const person of first) await person.commands.markRead(id)
  for (const person of first) {
    await person.device.conversation(id, ({ unread }) => unread === 0)
  }
  expect(status()).toBe('delivered')
  expect((await last?.device.conversation(id))?.unread).toBe(1)
  await last?.commands.markRead(id)

  await alice.device.eventually('to know it is read', () => status() === 'read')
})

test("the protocol's state survives a restart, and a key change shows nothing", async () => {
  await using network = await startNetwork()
  const { people, alice, others, id } = await startGroup(network)
  await joinAll(id, others)
  await alice.send(id, 'before')
  const [bob, carol] = others as [Person, Person, ...Person[]]
  await carol.device.message(id, ({ text }) => text === 'before')
  await carol.device.close()

  await alice.send(id, NEW_KEYS)
  await bob.device.eventually('to have the new keys', async () => {
    const state = await storedValue(bob.device.storage, 'conversations', `protocolState/${id}`)
    return new TextDecoder().decode(state as Uint8Array).includes('"epoch":1')
  })
  await bob.send(id, 'under the new keys')
  await carol.device.open()
  await carol.device.online()
  await carol.device.message(id, ({ text }) => text === 'under the new keys')
  await carol.send(id, 'and so do I')

  for (const person of people) {
    await person.device.message(id, ({ text }) => text === 'and so do I')
    const texts = shown(person, id).map(({ text }) => text)
    const all = ['before', NEW_KEYS, 'under the new keys', 'and so do I']
    expect(texts).toEqual(person === alice ? all : all.filter((text) => text !== NEW_KEYS))
    expect(person.device.notices(id)).toEqual([])
  }
})
