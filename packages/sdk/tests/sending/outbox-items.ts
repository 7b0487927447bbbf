import { AccountId, ConversationId, DeviceId, EnvelopeId } from '@sotto/wire'
import { NO_COUNTERS } from '../../src/conversations/counters.ts'
import type { OpenedEntry, OutboxItem } from '../../src/storage/records/log.ts'

export const conversationId = ConversationId.parse(crypto.randomUUID())
export const deviceId = DeviceId.parse(crypto.randomUUID())
const self = AccountId.parse(crypto.randomUUID())
/** The conversation of every item, with a log of nine entries. */
export const conversation = {
  id: conversationId,
  counters: NO_COUNTERS,
  self,
  window: { first: 1, newest: 9, lastSeq: 9, unopened: [] },
}

export const textOf = (body: string) => ({ type: 'text', body })

/** A message of this device, freshly sealed. */
export function item(text: string, accepted: OutboxItem['accepted'] = null): OutboxItem {
  return {
    envelope: {
      id: EnvelopeId.parse(crypto.randomUUID()),
      conversationId,
      kind: 'message',
      ciphertext: 'sealed',
    },
    counter: 1,
    skipped: [],
    deviceId,
    writtenTo: {},
    content: textOf(text),
    writtenAt: 0,
    state: 'waiting',
    failure: null,
    accepted,
  }
}

/** The log's entry for an item, or something else under its id. */
export function entryOf({ envelope }: OutboxItem, more: Partial<OpenedEntry> = {}): OpenedEntry {
  return {
    kind: 'message',
    seq: 3,
    id: envelope.id,
    sender: self,
    deviceId,
    counter: 1,
    skipped: [],
    content: textOf('hello'),
    at: 0,
    writtenTo: {},
    ...more,
  }
}
