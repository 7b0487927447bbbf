import type { Content } from '@sotto/crypto'
import { isOlderThanKeys } from '../account/keys/lost-keys.ts'
import { ClientError } from '../api/errors.ts'
import { endIn } from '../contacts/pins/former-keys.ts'
import { isInDoubt } from '../contacts/pins/key-decisions.ts'
import type { ContactRecord } from '../storage/records/contacts.ts'
import type { WrittenTo } from '../storage/records/log.ts'
import type { ContactDevice } from '../storage/verified-account.ts'
import type { MessageKeys } from './message-keys.ts'
import type { Opening, People } from './port.ts'

/** Shared by `ecdh` and `rsa`, which protect messages between exactly two accounts. */

/** The only other participant. Throws `participants_not_supported` if there are more. */
export function onlyOther({ others }: Pick<People, 'others'>): ContactRecord {
  const [other, ...more] = others
  if (!other || more.length > 0) throw new ClientError('participants_not_supported')
  return other
}

/** The only other participant, as a recipient. Throws `key_changed` while the person has to decide on a key. */
export function onlyRecipient(people: Pick<People, 'others'>): ContactRecord {
  const recipient = onlyOther(people)
  if (isInDoubt(recipient)) throw new ClientError('key_changed')
  return recipient
}

export function identityKeysOf({ identityKey, formerKeys }: ContactRecord): string[] {
  return [identityKey, ...formerKeys.map((former) => former.identityKey)]
}

/**
 * The identity keys under which a device may have written a message: the one that signed its credential and, if that is
 * the pinned key, former keys that have signed it, while they were valid. A device keeps its id and key when its
 * account renews its keys.
 */
export function keysOfDevice(opening: Opening, { identityKey }: ContactDevice): string[] {
  const { conversation, envelope } = opening
  const other = onlyOther(opening)
  if (identityKey !== other.identityKey) return [identityKey]
  const renewed = other.formerKeys
    .filter((former) => former.renewed && envelope.seq <= endIn(former, conversation.id))
    .map((former) => former.identityKey)
  return [identityKey, ...renewed]
}

/** Tries each device that may have sent the envelope. A problem with one key affects only this envelope. */
export async function openFromDevices(
  { devices }: Opening,
  openFrom: (device: ContactDevice) => Promise<Content | 'key_lost' | undefined>,
): Promise<Content | 'key_lost' | undefined> {
  for (const device of devices) {
    const opened = await openFrom(device).catch(() => undefined)
    if (opened) return opened
  }
  return undefined
}

/** A message's recipients, from the recipient tag inside it (PROTOCOL.md §6). */
export async function taggedRecipients(
  keys: MessageKeys,
  opening: Opening,
  { to }: Content,
): Promise<WrittenTo | 'key_lost' | undefined> {
  if (!opening.isMine) return taggedOwnKey(keys, opening, to)
  const other = onlyOther(opening)
  for (const identityKey of identityKeysOf(other)) {
    const tag = await keys.recipientTag(other.accountId, identityKey)
    if (tag === to) return { [other.accountId]: identityKey }
  }
  return undefined
}

async function taggedOwnKey(
  keys: MessageKeys,
  { me, self, conversation, envelope }: Opening,
  to: string,
): Promise<WrittenTo | 'key_lost' | undefined> {
  const { record, formerIdentityKeys = [] } = me.own
  const isNamed = async (key: string) => (await keys.recipientTag(me.accountId, key)) === to
  if (await isNamed(record.identityKey)) return {}
  for (const former of self.formerKeys) {
    const isInTime = envelope.seq <= endIn(former, conversation.id)
    if (await isNamed(former.identityKey)) return isInTime ? {} : 'key_lost'
  }
  // Messages from before this account started over name an old key, but still this account.
  if (!isOlderThanKeys(me, envelope)) return undefined
  for (const key of formerIdentityKeys) if (await isNamed(key)) return {}
  return undefined
}
