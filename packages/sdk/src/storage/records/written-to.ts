import type { ContactRecord } from './contacts.ts'
import type { OpenedEntry, OutboxItem, WrittenTo } from './log.ts'

/** The recipients of a message to these contacts, each with the identity key pinned now. */
export function writtenTo(recipients: readonly ContactRecord[]): WrittenTo {
  return Object.fromEntries(
    recipients.map(({ accountId, identityKey }) => [accountId, identityKey]),
  )
}

/** Whether a message was written to exactly these contacts, under the identity keys pinned now. */
export function isWrittenTo(
  message: Pick<OutboxItem | OpenedEntry, 'writtenTo'>,
  recipients: readonly ContactRecord[],
): boolean {
  const isSame = recipients.every(
    ({ accountId, identityKey }) => message.writtenTo[accountId] === identityKey,
  )
  return isSame && Object.keys(message.writtenTo).length === recipients.length
}
