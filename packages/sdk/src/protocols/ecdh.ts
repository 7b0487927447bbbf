import { type Content, openMessageEcdh, sealMessageEcdh } from '@sotto/crypto'
import { isOlderThanKeys } from '../account/keys/lost-keys.ts'
import { countsAt } from '../contacts/pins/former-keys.ts'
import { publicKeysIn } from '../published/published-keys.ts'
import { writtenTo } from '../storage/records/written-to.ts'
import type { ContactDevice } from '../storage/verified-account.ts'
import type { MessageKeys } from './message-keys.ts'
import {
  identityKeysOf,
  keysOfDevice,
  onlyOther,
  onlyRecipient,
  openFromDevices,
  taggedRecipients,
} from './pairwise.ts'
import type { ConversationProtocol, Opening } from './port.ts'

/** Diffie–Hellman between the two accounts, and AES-256 under a key for each direction (PROTOCOL.md §7). */
export function createEcdh(keys: MessageKeys): ConversationProtocol {
  return {
    name: 'ecdh',
    isStateful: false,
    prepare: () => 'nothing',
    async seal({ conversation, others, content }) {
      const recipient = onlyRecipient({ others })
      const to = await keys.recipientTag(recipient.accountId, recipient.identityKey)
      const pairwise = await keys.current(conversation.id, recipient)
      const ciphertext = await sealMessageEcdh(pairwise, { ...content, to })
      return { ciphertext, writtenTo: writtenTo([recipient]) }
    },
    async open(opening) {
      const content = await openFromDevices(opening, (device) => openFrom(keys, opening, device))
      if (content && content !== 'key_lost') return { kind: 'content', content }
      const isLost = content === 'key_lost' || isOlderThanKeys(opening.me, opening.envelope)
      return { kind: 'closed', reason: isLost ? 'key_lost' : 'cannot_decrypt' }
    },
    recipients: (opening, content) => taggedRecipients(keys, opening, content),
  }
}

/** No header names the key, so the few candidates are tried until the MAC matches. */
async function openFrom(
  keys: MessageKeys,
  opening: Opening,
  device: ContactDevice,
): Promise<Content | 'key_lost' | undefined> {
  const { conversation, envelope, isMine } = opening
  const other = onlyOther(opening)
  // With the other account's former key, anyone could forge our messages, too.
  const counting = identityKeysOf(other).filter((identityKey) =>
    countsAt(other, identityKey, conversation.id, envelope.seq),
  )
  const otherKeys = isMine ? counting : keysOfDevice(opening, device)
  for await (const { sending, receiving, ownKey } of keys.all(conversation.id, other, otherKeys)) {
    const key = isMine ? sending : receiving
    const content = await openMessageEcdh(key, envelope.ciphertext).catch(() => undefined)
    if (content) return isOwnKeyInUse(opening, ownKey) ? content : 'key_lost'
  }
  return undefined
}

/**
 * Whether one of our `ecdh` keys is valid for an envelope: with it, an attacker could forge the other side's messages
 * as well as ours. A renewed key is valid only up to its end. If the account never renewed its keys, all of its keys
 * are trusted.
 */
function isOwnKeyInUse({ me, self, conversation, envelope }: Opening, ownKey: string): boolean {
  if (self.formerKeys.length === 0 || ownKey === me.own.record.ecdhKey) return true
  const published = self.current
    ? [publicKeysIn(self.current.record), ...self.current.pastKeys]
    : []
  return published.some(
    ({ ecdhKey, identityKey }) =>
      ecdhKey === ownKey && countsAt(self, identityKey, conversation.id, envelope.seq),
  )
}
