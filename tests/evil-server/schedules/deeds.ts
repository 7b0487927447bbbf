import { CloseCode, ConversationId, EnvelopeId, type StoredEnvelope } from '@sotto/wire'
import type { Dice } from './dice.ts'
import { peopleOf } from './server/honest-server.ts'
import { type ConversationState, conversationFor, type ServerState } from './server/server-state.ts'
import { writeAs } from './world/forger.ts'
import { accountOf, loggedInAs, type World } from './world/world.ts'

type Deed = (world: World, dice: Dice) => Promise<void> | void

/** One-time actions of the server, on what it stores or on connected devices. */
export const deeds: Readonly<Record<string, Deed>> = {
  'new era': ({ server }) => beginEra(server.honest.state),

  /** Saves the current state for later. */
  'take snapshot': ({ server, snapshots }) => {
    snapshots.push(structuredClone(server.honest.state))
  },

  /**
   * Restores a saved state. Accounts keep their newest state, because devices would only repair it.
   */
  'restore snapshot': ({ server, snapshots }, dice) => {
    const snapshot = dice.pick(snapshots)
    if (!snapshot) return
    const { honest } = server
    const { accounts, conversations } = structuredClone(snapshot)
    const isWhole = dice.chance(0.4)
    honest.state = {
      ...honest.state,
      conversations,
      ...(isWhole && { accounts }),
    }
    if (dice.chance(0.9)) beginEra(honest.state)
  },

  'empty logs': ({ server }, dice) => {
    const { state } = server.honest
    const chosen = dice.chance(0.7)
      ? [...state.conversations.values()]
      : someLogs(server.honest.state, dice)
    for (const conversation of chosen) {
      conversation.log = dice.chance(0.8) ? [] : conversation.log.slice(0, dice.below(3))
      server.honest.touch(conversation)
    }
    if (dice.chance(0.9)) beginEra(state)
  },

  /** Puts genuine envelopes back that a log lacks, in their place or after it. */
  'put envelopes back': ({ server }, dice) => {
    const isAll = dice.chance(0.6)
    for (const conversation of server.honest.state.conversations.values()) {
      const all = genuineOf(server, conversation.id)
      const back = isAll ? all : all.filter(() => dice.chance(0.5))
      const ids = new Set(conversation.log.map(({ id }) => id))
      const missing = back.filter(({ id }) => !ids.has(id))
      if (missing.length === 0) continue
      const log = dice.chance(0.7)
        ? [...missing, ...conversation.log]
        : [...conversation.log, ...missing]
      conversation.log = log.map((one, i) => ({ ...one, seq: i + 1 }))
      server.honest.touch(conversation)
    }
    if (dice.chance(0.3)) beginEra(server.honest.state)
    else tellAll(server)
  },

  /** Drops envelopes of a log, reorders them, or repeats them at its end. */
  'change log': ({ server }, dice) => {
    const conversation = dice.pick([...server.honest.state.conversations.values()])
    if (!conversation || conversation.log.length === 0) return
    const { log } = conversation
    const place = dice.below(log.length)
    const one = log[place] as StoredEnvelope
    const deed = dice.pick(['drop', 'swap', 'again', 'again as new'] as const)
    if (deed === 'drop') conversation.log = log.filter((it) => it !== one)
    if (deed === 'swap') {
      const other = log[dice.below(log.length)] as StoredEnvelope
      conversation.log = log.map((it) => (it === one ? other : it === other ? one : it))
    }
    if (deed === 'again') conversation.log = [...log, one]
    if (deed === 'again as new') {
      conversation.log = [...log, { ...one, id: EnvelopeId.parse(crypto.randomUUID()) }]
    }
    conversation.log = conversation.log.map((it, i) => ({ ...it, seq: i + 1 }))
    server.honest.touch(conversation)
    if (dice.chance(0.5)) beginEra(server.honest.state)
  },

  /** Copies an envelope into the log of another conversation. */
  'carry envelope over': ({ server }, dice) => {
    const all = [...server.honest.state.conversations.values()]
    const [from, to] = [dice.pick(all), dice.pick(all)]
    const one = from && dice.pick(from.log)
    if (!one || !to) return
    const conversationId = dice.chance(0.5) ? to.id : one.conversationId
    const stored = server.honest.append(to, { ...one, conversationId })
    if (dice.chance(0.7)) server.push(peopleOf(to), { type: 'envelopes', envelopes: [stored] })
  },

  /** Pushes an earlier envelope, unchanged or with changed outer fields. */
  'push old envelope': ({ server }, dice) => {
    const one = dice.pick(server.genuine)
    const to = dice.pick([...server.honest.state.conversations.values()])
    if (!one || !to) return
    const seq = dice.chance(0.5) ? one.seq : to.log.length + 1 + dice.below(3)
    const conversationId = dice.chance(0.5) ? to.id : one.conversationId
    server.push(peopleOf(to), { type: 'envelopes', envelopes: [{ ...one, seq, conversationId }] })
  },

  /** Pushes receipts, conversations and accounts without a request. */
  'push hints': ({ server, people }, dice) => {
    const state = dice.pick([...server.honest.state.conversations.values()])
    const person = dice.pick(people)
    if (!state || !person) return
    const { accountId } = person
    const everybody = people.map((one) => one.accountId)
    const seq = dice.pick([0, 1, 5, 2 ** 40]) ?? 1
    const receipts = [{ conversationId: state.id, deliveredSeq: seq, readSeq: seq }]
    if (dice.chance(0.3)) server.push(everybody, { type: 'receipts', accountId, receipts })
    if (dice.chance(0.3)) server.push(everybody, { type: 'account_changed', accountId })
    if (dice.chance(0.3))
      server.push(everybody, { type: 'conversation_changed', conversationId: state.id })
    if (dice.chance(0.3)) {
      const id = ConversationId.parse(crypto.randomUUID())
      const conversation = {
        ...conversationFor(accountId, state, server.honest.state.accounts),
        id: dice.chance(0.5) ? id : state.id,
      }
      const accounts = everybody.map((one) => server.honest.published(one))
      server.push(everybody, { type: 'conversation_created', conversation, accounts })
    }
  },

  /** A message by the forger, in the name of an account whose keys are forged. */
  'forged message': async (world, dice) => {
    const { server, forgeries, people, ledger, time } = world
    const forgery = dice.pick(forgeries)
    const state = dice.pick([...server.honest.state.conversations.values()])
    const reader = people.find(({ accountId }) => accountId !== forgery?.accountId)
    if (!forgery || !state || !reader) return
    const text = ledger.newText('a forger')
    const { accountId: author, identityKey } = forgery
    const { id: conversation, protocol } = state
    ledger.note({
      text,
      author,
      device: null,
      conversation,
      writtenTo: new Set(),
      forgedBy: identityKey,
    })
    const published = server.honest.published(reader.accountId)
    const message = { conversation, protocol, text, counter: 1 + dice.below(3) }
    const envelope = await writeAs(forgery, published, message)
    const stored = server.honest.append(state, { ...envelope, acceptedAt: time.now() })
    server.push(peopleOf(state), { type: 'envelopes', envelopes: [stored] })
  },

  /** Another conversation of the two, which neither of them started. */
  'begin conversation': ({ server, people: [alice, bob] }, dice) => {
    const id = ConversationId.parse(crypto.randomUUID())
    const protocol = dice.pick(['ecdh', 'rsa'] as const) ?? 'rsa'
    server.honest.addConversation(id, protocol, [alice.accountId, bob.accountId])
    tellAll(server)
  },

  'end session': (world, dice) => {
    const { server, devices } = world
    const device = dice.pick(devices)
    if (!device) return
    const sessions = server.honest.sessionsOf(accountOf(world, device.index))
    const isWhole = dice.chance(0.6)
    for (const { sessionId, deviceId } of sessions) {
      if (deviceId !== loggedInAs(device)) continue
      if (isWhole) server.honest.endSession(sessionId)
      else server.cut(device.index, CloseCode.sessionEnded)
    }
  },

  'cut connections': ({ server, devices }, dice) => {
    const code = dice.pick([1006, 1012, 4001, 4003, 4004, 4005, 4002]) ?? 1006
    const wanted = dice.chance(0.5) ? devices : dice.some(devices)
    for (const { index } of wanted) server.cut(index, code === 4002 ? 1006 : code)
  },
}

/** Everything in a conversation that devices wrote and the server accepted, each message once. */
export function genuineOf({ genuine }: World['server'], id: ConversationId): StoredEnvelope[] {
  const first = new Map<string, StoredEnvelope>()
  for (const one of genuine) {
    if (one.conversationId === id && !first.has(one.id)) first.set(one.id, one)
  }
  return [...first.values()]
}

export function beginEra(state: ServerState): void {
  state.era = BigInt(`0x${crypto.randomUUID().slice(0, 8)}`)
    .toString(16)
    .padStart(16, '1')
  for (const conversation of state.conversations.values()) {
    state.clock += 1
    conversation.changedAt = state.clock
  }
}

/** Makes all devices fetch again. */
function tellAll({ honest }: World['server']): void {
  for (const state of honest.state.conversations.values()) {
    honest.touch(state)
    honest.push(peopleOf(state), { type: 'conversation_changed', conversationId: state.id })
  }
}

function someLogs(state: ServerState, dice: Dice): ConversationState[] {
  return dice.some([...state.conversations.values()])
}
