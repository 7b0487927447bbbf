import {
  type AccountKeys,
  derivePairwiseKeys,
  type OutgoingContent,
  recipientTag,
  sealMessageEcdh,
} from '@sotto/crypto'
import { type ConversationId, EnvelopeId } from '@sotto/wire'
import { storedValue } from '../network/stored-value.ts'
import type { EnvelopeRow } from './bad-owner.ts'
import type { Scene } from './scene.ts'

/**
 * A row that claims to be from Alice's device, for an `ecdh` conversation. Bob and the owner make
 * it together: the same key can be derived from Alice's private half and from Bob's.
 */
export async function forgeOwnEnvelope(
  { alice, bob }: Pick<Scene, 'alice' | 'bob'>,
  id: ConversationId,
  changes: Partial<OutgoingContent>,
): Promise<EnvelopeRow> {
  const me = alice.device.me()
  const theirs = (await storedValue(bob.device.storage, 'keys', 'account')) as AccountKeys
  const ours = (await storedValue(alice.device.storage, 'keys', 'account')) as AccountKeys
  const pairwise = await derivePairwiseKeys(ours.ecdh[0], theirs.ecdh[0].publicKey, id)
  const identityKey = Buffer.from(theirs.identity.publicKey).toString('base64url')
  const content: OutgoingContent = {
    type: 'text',
    conversation: id,
    message: EnvelopeId.parse(crypto.randomUUID()),
    account: me.accountId,
    device: me.deviceId,
    to: await recipientTag(bob.accountId, identityKey),
    record: 1,
    manifest: 1,
    counter: 1,
    skipped: [],
    sentAt: 1,
    text: 'never said',
    ...changes,
  }
  return {
    conversation_id: id,
    seq: 0,
    id: content.message,
    sender_account_id: content.account,
    sender_device_id: content.device,
    accepted_at: Date.now(),
    kind: 'message',
    ciphertext: await sealMessageEcdh(pairwise, content),
  }
}
