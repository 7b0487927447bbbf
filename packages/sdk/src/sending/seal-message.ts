import { type OutgoingContent, sealMessageEcdh, sealMessageRsa } from '@sotto/crypto'
import type { EnvelopeId, NewEnvelope } from '@sotto/wire'
import type { Me } from '../account/state/account-state.ts'
import { ClientError } from '../api/errors.ts'
import { isInDoubt } from '../contacts/pins/contact-pins.ts'
import { countingFor } from '../conversations/conversations.ts'
import { unknownProtocol } from '../protocols/known-protocol.ts'
import { currentRecordOf, type MessageKeys } from '../protocols/message-keys.ts'
import type { ContactRecord, ConversationRecord, OutboxItem } from '../storage/stored.ts'
import { writtenTo } from './written-to.ts'

/** Skipped counters that fit into one message; the rest goes into the next. */
const MAX_SKIPPED = 64

export interface Draft {
  readonly text: string
  readonly writtenAt: number
  /** The same again, where a message is sealed anew. */
  readonly id: EnvelopeId
}

/** A draft whose place among the messages of this device is decided. */
export interface CountedDraft extends Draft {
  readonly counter: number
  readonly skipped: readonly number[]
}

/**
 * Encrypts a message for the keys that are pinned for the contact. Throws `key_changed` or
 * `no_rsa_key`. Store the result before anything of it leaves the device: its counter is spent.
 */
export async function sealMessage(
  keys: MessageKeys,
  me: Me,
  conversation: ConversationRecord,
  contact: ContactRecord,
  draft: CountedDraft,
): Promise<OutboxItem> {
  if (isInDoubt(contact)) throw new ClientError('key_changed')
  const { id } = draft
  const content: OutgoingContent = {
    type: 'text',
    conversation: conversation.id,
    message: id,
    account: me.accountId,
    device: me.deviceId,
    to: await keys.recipientTag(contact.accountId, contact.identityKey),
    record: me.own.record.version,
    manifest: me.own.manifest.version,
    counter: draft.counter,
    skipped: draft.skipped.slice(0, MAX_SKIPPED),
    sentAt: draft.writtenAt,
    text: draft.text,
  }
  const ciphertext = await seal(keys, me, { conversation, contact, content })
  const envelope: NewEnvelope = { id, conversationId: conversation.id, kind: 'message', ciphertext }
  return {
    envelope,
    counter: content.counter,
    skipped: content.skipped,
    deviceId: me.deviceId,
    writtenTo: writtenTo(contact),
    sealedBy: me.own.record.identityKey,
    text: draft.text,
    writtenAt: draft.writtenAt,
    state: 'waiting',
    failure: null,
    accepted: null,
  }
}

interface Sealing {
  readonly conversation: ConversationRecord
  readonly contact: ContactRecord
  readonly content: OutgoingContent
}

async function seal(
  keys: MessageKeys,
  me: Me,
  { conversation, contact, content }: Sealing,
): Promise<string> {
  switch (conversation.protocol) {
    case 'rsa':
      return sealMessageRsa(me.device, content, await recipientsOf(keys, me, contact))
    case 'ecdh':
      return sealMessageEcdh(await keys.current(conversation.id, contact), content)
    default:
      throw unknownProtocol(conversation.protocol)
  }
}

/** Encrypts a message under the next counter of this device; returns the conversation with it spent. */
export async function sealAsNext(
  keys: MessageKeys,
  me: Me,
  before: ConversationRecord,
  contact: ContactRecord,
  draft: Draft,
): Promise<{ item: OutboxItem; next: ConversationRecord }> {
  const conversation = countingFor(before, me.deviceId)
  const { nextCounter: counter, skipped } = conversation
  const item = await sealMessage(keys, me, conversation, contact, { ...draft, counter, skipped })
  const told = new Set(item.skipped)
  const left = skipped.filter((one) => !told.has(one))
  return { item, next: { ...conversation, nextCounter: counter + 1, skipped: left } }
}

/** The contact's key, then the own one, so that this account can read what it wrote. */
async function recipientsOf(keys: MessageKeys, me: Me, contact: ContactRecord) {
  const theirs = currentRecordOf(contact).rsaKey
  const mine = me.own.record.rsaKey
  if (!theirs || !mine) throw new ClientError('no_rsa_key')
  return Promise.all([keys.rsa(theirs), keys.rsa(mine)])
}
