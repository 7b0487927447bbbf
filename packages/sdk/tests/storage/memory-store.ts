import type { AccountId, ConversationId, ParticipantState, Protocol } from '@sotto/wire'
import type { ConversationRecord } from '../../src/conversations/conversation-record.ts'
import { newRecord } from '../../src/conversations/conversations.ts'
import { createMemoryStorage } from '../../src/storage/adapters/memory-storage.ts'
import { put } from '../../src/storage/record-kind.ts'
import { PART_NAMES, type PartName, partAt } from '../../src/storage/records/conversations.ts'
import type { Change } from '../../src/storage/storage.ts'
import { createStore, type Store } from '../../src/storage/store.ts'

/** An in-memory store in which no record may be damaged. */
export function createMemoryStore(): Store {
  return createStore(createMemoryStorage(), {
    onDamaged: (names) => {
      throw new Error(`damaged: ${names.join(', ')}`)
    },
  })
}

interface Described {
  readonly id: ConversationId
  readonly self: AccountId
  /** The other participants, with their answers. */
  readonly others: Readonly<Record<AccountId, ParticipantState>>
  readonly own?: ParticipantState
  readonly protocol?: Protocol
}

/** A conversation with only its participants known. */
export function conversationOf(described: Described): ConversationRecord {
  const { id, self, others, own = 'accepted', protocol = 'ecdh' } = described
  const states: [string, ParticipantState][] = Object.entries({ ...others, [self]: own })
  const participants = Object.fromEntries(
    states.map(([accountId, state]) => [accountId, { role: 'member' as const, state }]),
  )
  return newRecord({ id, self, protocol, participants, createdAt: 0 })
}

/** Stores every part of a conversation. */
export function putConversation(conversation: ConversationRecord): Change[] {
  const putPart = <Name extends PartName>(name: Name) =>
    put(partAt(conversation.id, name), conversation[name])
  return PART_NAMES.map((name) => putPart(name))
}
