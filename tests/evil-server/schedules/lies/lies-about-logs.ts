import { type Conversation, ErrorCode, type ServerFrame, type StoredEnvelope } from '@sotto/wire'
import type { Dice } from '../dice.ts'
import type { LieMaker } from './lies.ts'
import { answering, changing, framing, isSuccess, typeOf } from './tell.ts'

/** Lies about conversations and their contents. */
export const liesAboutLogs: Record<string, LieMaker> = {
  /** Envelopes of another conversation, unchanged or relabeled for this one. */
  'foreign envelopes'(world, dice, isFor) {
    const keepsId = dice.chance(0.6)
    const where = dice.pick(['last', 'pages', 'everywhere'] as const)
    const conversations = dice.some([...world.server.honest.state.conversations.keys()])
    const offset = dice.below(3)
    const foreign = (envelope: StoredEnvelope) => {
      const others = [...world.server.honest.state.conversations.values()].filter(
        ({ id }) => id !== envelope.conversationId && conversations.includes(id),
      )
      const other = others[offset % Math.max(1, others.length)]?.log.at(-1 - (envelope.seq % 3))
      if (!other) return envelope
      const { conversationId } = keepsId ? other : envelope
      return { ...other, conversationId, seq: envelope.seq }
    }
    const isAbout = (what: string) =>
      where === 'everywhere' || (where === 'pages') === (what === 'readLog')
    const envelopes = (all: readonly StoredEnvelope[]) =>
      all.map((one) => (dice.chance(0.5) ? foreign(one) : one))
    return changing('foreign envelopes', isFor, { envelopes }, isAbout)
  },

  /** Envelopes with changed outer fields, or damaged inside. */
  'altered envelopes'(world, dice, isFor) {
    const deed = dice.pick(['device', 'account', 'id', 'moment', 'seq', 'damage'] as const)
    const distance = dice.below(5) - 2
    const alter = (one: StoredEnvelope): StoredEnvelope => {
      const { genuine } = world.server
      const other = genuine[one.seq % Math.max(1, genuine.length)] ?? one
      if (deed === 'device') return { ...one, senderDeviceId: other.senderDeviceId }
      if (deed === 'account') return { ...one, senderAccountId: other.senderAccountId }
      if (deed === 'id') return { ...one, id: other.id }
      if (deed === 'moment') return { ...one, acceptedAt: dice.chance(0.5) ? 0 : 9e12 }
      if (deed === 'seq') return { ...one, seq: Math.max(1, one.seq + distance) }
      return { ...one, ciphertext: damaged(one.ciphertext, dice) }
    }
    const envelopes = (all: readonly StoredEnvelope[]) =>
      all.map((one) => (dice.chance(0.4) ? alter(one) : one))
    return changing('altered envelopes', isFor, { envelopes })
  },

  /** Some envelopes are left out, shown twice, or in another order. */
  'withheld envelopes'(_, dice, isFor) {
    const deed = dice.pick(['hide', 'repeat', 'reverse', 'none'] as const)
    const rest = dice.below(3)
    const envelopes = (all: readonly StoredEnvelope[]) => {
      if (deed === 'none') return []
      if (deed === 'reverse') return all.toReversed()
      const isIt = ({ seq }: StoredEnvelope) => seq % 3 === rest
      if (deed === 'hide') return all.filter((one) => !isIt(one))
      return all.flatMap((one) => (isIt(one) ? [one, one] : [one]))
    }
    return changing('withheld envelopes', isFor, { envelopes })
  },

  /** A different end of the log, different marks, a different count. */
  'other positions'(_, dice, isFor) {
    const lastSeq = dice.pick([0, 1, 1_000, 2 ** 40] as const) ?? 0
    const isRelative = dice.chance(0.5)
    const distance = dice.below(7) - 3
    return changing('other positions', isFor, {
      conversation: (shown) => ({
        ...shown,
        lastSeq: isRelative ? Math.max(0, shown.lastSeq + distance) : lastSeq,
        unread: dice.below(100),
        participants: shown.participants.map((one) => ({
          ...one,
          deliveredSeq: dice.chance(0.3) ? lastSeq : one.deliveredSeq,
          readSeq: dice.chance(0.3) ? lastSeq : one.readSeq,
        })),
      }),
    })
  },

  /** Another protocol, other people, or other answers by them. */
  'other conversation'(world, dice, isFor) {
    const deed = dice.pick(['protocol', 'people', 'state', 'id'] as const)
    const state = dice.pick(['requested', 'declined', 'blocked'] as const) ?? 'blocked'
    const change = (shown: Conversation): Conversation => {
      if (deed === 'protocol') {
        return { ...shown, protocol: shown.protocol === 'rsa' ? 'ecdh' : 'rsa' }
      }
      if (deed === 'state') {
        return { ...shown, participants: shown.participants.map((one) => ({ ...one, state })) }
      }
      if (deed === 'people') return { ...shown, participants: shown.participants.slice(1) }
      const id = [...world.server.honest.state.conversations.keys()].find((it) => it !== shown.id)
      return { ...shown, id: id ?? shown.id }
    }
    const conversation = (shown: Conversation) => (dice.chance(0.6) ? change(shown) : shown)
    return changing('other conversation', isFor, { conversation })
  },

  /** False verdicts. */
  'other verdicts'(_, dice, isFor) {
    const deed = dice.pick(['refuse', 'move', 'drop', 'repeat', 'mix'] as const)
    const code = dice.pick(ErrorCode.options) ?? 'internal'
    const seq = dice.pick([1, 2, 500, 2 ** 40] as const) ?? 1
    return framing('other verdicts', isFor, (frame) => {
      const told = frame as Extract<ServerFrame, { type: 'verdicts' }>
      if (typeOf(frame) !== 'verdicts' || dice.chance(0.3)) return [frame]
      if (deed === 'drop') return []
      if (deed === 'repeat') return [frame, frame]
      const ids = told.verdicts.map(({ id }) => id)
      const verdicts = told.verdicts.map((verdict, i) => {
        const { id, conversationId } = verdict
        if (deed === 'refuse') return { fate: 'refused', id, conversationId, code }
        if (deed === 'mix') return { ...verdict, id: ids.at(i - 1) ?? id }
        return verdict.fate === 'accepted' ? { ...verdict, seq } : verdict
      })
      return [{ ...told, verdicts }]
    })
  },

  /** Messages are reported as accepted and thrown away, or stored without a verdict. */
  'swallowed messages'(_, dice, isFor) {
    const isTold = dice.chance(0.5)
    const seq = dice.pick([1, 3, 7, 40] as const) ?? 1
    return {
      name: 'swallowed messages',
      toServer: (frame, connection) => {
        if (frame.type !== 'send' || !isFor(connection.device)) return [frame]
        const verdicts = frame.envelopes.map(({ id, conversationId }, i) => {
          return { fate: 'accepted', id, conversationId, seq: seq + i, acceptedAt: 1 }
        })
        if (isTold) connection.socket.deliver({ type: 'verdicts', verdicts })
        return []
      },
    }
  },

  /** A different era for each answer, or for some devices. */
  'other era'(_, dice, isFor) {
    const eras = ['1', '2', '3'].slice(0, 1 + dice.below(3))
    return answering('other era', isFor, (told, { name }) => {
      const isAboutEra = name === 'listChanges' || name === 'readEra'
      if (!isAboutEra || !isSuccess(told)) return told
      return { status: 200, body: { ...told.body, era: (dice.pick(eras) ?? '1').repeat(16) } }
    })
  },
}

function damaged(ciphertext: string, dice: Dice): string {
  if (dice.chance(0.2)) return 'garbage'
  const place = dice.below(ciphertext.length)
  const other = ciphertext[place] === 'A' ? 'B' : 'A'
  return ciphertext.slice(0, place) + other + ciphertext.slice(place + 1)
}
