import type { EnvelopeId, NewEnvelope } from '@sotto/wire'
import type { Me } from '../account/state/account-state.ts'
import type { SealedContent } from '../content/content.ts'
import type { ConversationRecord } from '../conversations/conversation-record.ts'
import { countingFor } from '../conversations/counters.ts'
import type { Protocols } from '../protocols/port.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { OutboxItem } from '../storage/records/log.ts'

/** How many skipped counters fit into one message; the rest go into the next. */
const MAX_SKIPPED = 64

export interface Draft {
  readonly content: SealedContent
  readonly writtenAt: number
  /** Stays the same when a message is sealed again. */
  readonly id: EnvelopeId
}

/** A draft with its place among this device's messages. */
export interface CountedDraft extends Draft {
  readonly counter: number
  readonly skipped: readonly number[]
}

/** A message for the outbox, and the conversation with everything that sealing has used up. */
export interface SealedMessage {
  readonly item: OutboxItem
  readonly next: ConversationRecord
}

/**
 * Seals a message for the keys pinned for the other participants. Throws `key_changed` or `no_rsa_key`. Store the
 * result before any of it leaves the device: its counter and the protocol's state are spent.
 */
export async function sealMessage(
  protocols: Protocols,
  me: Me,
  conversation: ConversationRecord,
  others: readonly ContactRecord[],
  draft: CountedDraft,
): Promise<SealedMessage> {
  const { id, content, counter, writtenAt } = draft
  const skipped = draft.skipped.slice(0, MAX_SKIPPED)
  const protocol = protocols[conversation.membership.protocol]
  const { ciphertext, writtenTo, state } = await protocol.seal({
    me,
    others,
    conversation,
    content: {
      type: content.type,
      conversation: conversation.id,
      message: id,
      account: me.accountId,
      device: me.deviceId,
      record: me.own.record.version,
      manifest: me.own.manifest.version,
      counter,
      skipped,
      sentAt: writtenAt,
      text: content.body,
    },
  })
  const envelope: NewEnvelope = { id, conversationId: conversation.id, kind: 'message', ciphertext }
  const item: OutboxItem = {
    envelope,
    counter,
    skipped,
    deviceId: me.deviceId,
    writtenTo,
    sealedBy: me.own.record.identityKey,
    content,
    writtenAt,
    state: 'waiting',
    failure: null,
    accepted: null,
  }
  return { item, next: state ? { ...conversation, protocolState: state } : conversation }
}

/** Seals a message under this device's next counter. */
export async function sealAsNext(
  protocols: Protocols,
  me: Me,
  before: ConversationRecord,
  others: readonly ContactRecord[],
  draft: Draft,
): Promise<SealedMessage> {
  const counters = countingFor(before.counters, me.deviceId)
  const { next: counter, skipped } = counters
  const counted = { ...draft, counter, skipped }
  const { item, next } = await sealMessage(protocols, me, before, others, counted)
  const left = skipped.slice(item.skipped.length)
  return { item, next: { ...next, counters: { ...counters, next: counter + 1, skipped: left } } }
}
