import type { Count } from '@sotto/service-runtime'
import {
  type AccountEvent,
  type AccountId,
  ENVELOPE_FRAME_CHARS,
  MAX_FRAME_BYTES,
  type ServerFrame,
  type StoredEnvelope,
} from '@sotto/wire'
import type { Connection } from '../connections/connection.ts'
import { textFrame } from '../connections/text-frame.ts'

// Ids, seq and punctuation around a ciphertext.

type ConnectionsOf = (accountId: AccountId) => readonly Connection[]

/**
 * Pushes an event to every connection of its recipients, including the sender's other devices and
 * the sending one: a device recognizes its own envelopes by their ids, and excluding one connection
 * would require a separate frame. It is encoded once, however many receive it.
 */
export function pushEvent(connectionsOf: ConnectionsOf, event: AccountEvent, deliveries: Count) {
  let frames: Buffer[] | undefined
  for (const accountId of event.recipients) {
    for (const connection of connectionsOf(accountId)) {
      if (!connection.isReady) continue
      frames ??= framesOf(event).map((frame) => textFrame(JSON.stringify(frame)))
      for (const frame of frames) connection.write(frame)
      deliveries.add()
    }
  }
}

function framesOf(event: AccountEvent): ServerFrame[] {
  switch (event.type) {
    case 'envelopes.stored':
      return split(event.envelopes).map((envelopes) => ({ type: 'envelopes', envelopes }))
    case 'conversation.created': {
      const { conversation, accounts } = event
      return [{ type: 'conversation_created', conversation, accounts }]
    }
    case 'conversation.changed':
      return [{ type: 'conversation_changed', conversationId: event.conversationId }]
    case 'receipts.changed':
      return [{ type: 'receipts', accountId: event.accountId, receipts: event.receipts }]
    case 'typing.started': {
      const { conversationId, accountId } = event
      return [{ type: 'typing', conversationId, accountId }]
    }
    case 'account.changed':
      return [{ type: 'account_changed', accountId: event.accountId }]
    case 'box.changed':
      return [{ type: 'box_changed', box: event.box, version: event.version }]
  }
}

/** Splits envelopes into parts that fit into a frame of the size that clients may send too. */
function split(envelopes: readonly StoredEnvelope[]): StoredEnvelope[][] {
  const parts: StoredEnvelope[][] = []
  let chars = Infinity
  for (const envelope of envelopes) {
    // An upper bound: a ciphertext is printable ASCII, of which JSON escapes quotes and
    // backslashes.
    const size = ENVELOPE_FRAME_CHARS + 2 * envelope.ciphertext.length
    if (chars + size > MAX_FRAME_BYTES) {
      parts.push([])
      chars = 0
    }
    chars += size
    parts.at(-1)?.push(envelope)
  }
  return parts
}
