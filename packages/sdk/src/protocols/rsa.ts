import {
  type Content,
  decodeBase64url,
  openMessageRsa,
  recipientsOfRsa,
  sealMessageRsa,
} from '@sotto/crypto'
import { isOlderThanKeys } from '../account/keys/lost-keys.ts'
import type { Me } from '../account/state/account-state.ts'
import { ClientError } from '../api/errors.ts'
import { isAccepted } from '../conversations/conversation-record.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import { writtenTo } from '../storage/records/written-to.ts'
import type { ContactDevice } from '../storage/verified-account.ts'
import { currentRecordOf, type MessageKeys } from './message-keys.ts'
import {
  identityKeysOf,
  keysOfDevice,
  onlyOther,
  onlyRecipient,
  openFromDevices,
  taggedRecipients,
} from './pairwise.ts'
import type { ConversationProtocol, Opening } from './port.ts'

/** Each message is encrypted to the RSA keys of its recipient and its sender, and signed (PROTOCOL.md §8). */
export function createRsa(keys: MessageKeys): ConversationProtocol {
  return {
    name: 'rsa',
    isStateful: false,
    // A request may still be declined; then this protocol was never used.
    prepare: (conversation) => (isAccepted(conversation) ? 'rsa_key' : 'nothing'),
    async seal({ me, others, content }) {
      const recipient = onlyRecipient({ others })
      const to = await keys.recipientTag(recipient.accountId, recipient.identityKey)
      const readers = await readersOf(keys, me, recipient)
      const ciphertext = await sealMessageRsa(me.device, { ...content, to }, readers)
      return { ciphertext, writtenTo: writtenTo([recipient]) }
    },
    async open(opening) {
      const content = await openFromDevices(opening, (device) => openFrom(keys, opening, device))
      if (content && content !== 'key_lost') return { kind: 'content', content }
      return { kind: 'closed', reason: isKeyLost(opening) ? 'key_lost' : 'cannot_decrypt' }
    },
    recipients: (opening, content) => taggedRecipients(keys, opening, content),
  }
}

/** The recipient's key, then ours, so that this account can read its own messages. */
async function readersOf(keys: MessageKeys, me: Me, recipient: ContactRecord) {
  const theirKey = currentRecordOf(recipient).rsaKey
  const ownKey = me.own.record.rsaKey
  if (!theirKey || !ownKey) throw new ClientError('no_rsa_key')
  return Promise.all([keys.rsa(theirKey), keys.rsa(ownKey)])
}

async function openFrom(
  keys: MessageKeys,
  opening: Opening,
  device: ContactDevice,
): Promise<Content | undefined> {
  const { conversation, me, envelope, isMine } = opening
  const other = onlyOther(opening)
  const ownKids = new Set(me.keys.rsa.map(({ kid }) => kid))
  const otherKeys = isMine ? identityKeysOf(other) : keysOfDevice(opening, device)
  const otherKids = await keys.rsaKids(other, otherKeys)
  const reader = {
    conversation: conversation.id,
    keys: me.keys.rsa,
    devicePublicKey: decodeBase64url(device.deviceKey),
    recipientKids: isMine ? otherKids : ownKids,
    senderKids: isMine ? ownKids : otherKids,
  }
  return openMessageRsa(reader, envelope.ciphertext).catch(() => undefined)
}

/** Whether an envelope doesn't open because this account has abandoned its key. */
function isKeyLost({ me, envelope }: Opening): boolean {
  if (isOlderThanKeys(me, envelope)) return true
  try {
    const kids = recipientsOfRsa(envelope.ciphertext)
    return !me.keys.rsa.some(({ kid }) => kids.includes(kid))
  } catch {
    return false
  }
}
