import type { ContactRecord, OpenedEntry, OutboxItem, WrittenTo } from '../storage/stored.ts'

/** The recipient of a message to this contact. */
export function writtenTo({ accountId, identityKey }: ContactRecord): WrittenTo {
  return { [accountId]: identityKey }
}

/** Whether a message was written to this contact under the identity key that is pinned now. */
export function isWrittenTo(
  { writtenTo }: Pick<OutboxItem | OpenedEntry, 'writtenTo'>,
  { accountId, identityKey }: ContactRecord,
): boolean {
  return writtenTo[accountId] === identityKey
}
