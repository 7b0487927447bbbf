import type { Tx } from '@sotto/service-runtime'
import type { AccountId, ConversationId } from '@sotto/wire'

const hashOf = (tx: Tx, id: AccountId | ConversationId) =>
  tx`sha256(convert_to(${id}::text, 'UTF8'))`

/** Records that an account or a conversation was removed. */
export async function note(tx: Tx, id: AccountId | ConversationId, now: Date) {
  await tx`
    insert into chat.removed (hash, removed_at) values (${hashOf(tx, id)}, ${now})
    on conflict do nothing`
}

/** Whether an account or a conversation was removed. */
export async function isRemoved(tx: Tx, id: AccountId | ConversationId): Promise<boolean> {
  const rows = await tx`select from chat.removed where hash = ${hashOf(tx, id)}`
  return rows.length > 0
}

/** Forgets what was removed before `moment`. */
export async function forgetBefore(tx: Tx, moment: Date) {
  await tx`delete from chat.removed where removed_at < ${moment}`
}

/** Removes an account's published data, its sealed data, and all blocks by it or of it. */
export async function removePublished(tx: Tx, accountId: AccountId) {
  await tx`delete from chat.past_records where account_id = ${accountId}`
  await tx`delete from chat.accounts where account_id = ${accountId}`
  await tx`delete from chat.devices where account_id = ${accountId}`
  await tx`delete from chat.boxes where account_id = ${accountId}`
  await tx`delete from chat.manifests where account_id = ${accountId}`
  await tx`delete from chat.kept_keys where account_id = ${accountId}`
  await tx`delete from chat.new_keys where account_id = ${accountId}`
  await tx`delete from chat.blocks where account_id = ${accountId} or blocked_id = ${accountId}`
}

/** Marks a conversation's log for removal because of this account. */
export async function addConversation(tx: Tx, id: ConversationId, accountId: AccountId) {
  await tx`
    insert into chat.conversations_to_remove (conversation_id, account_id)
    values (${id}, ${accountId}) on conflict do nothing`
}

/** A conversation whose log is marked for removal because of this account. */
export async function findConversation(
  tx: Tx,
  accountId: AccountId,
): Promise<ConversationId | undefined> {
  const [row] = await tx<{ id: ConversationId }[]>`
    select conversation_id as id from chat.conversations_to_remove
    where account_id = ${accountId} limit 1`
  return row?.id
}

/**
 * Removes the first envelopes of a conversation and returns their number. The caller holds its
 * lock.
 */
export async function removeEnvelopes(tx: Tx, id: ConversationId, limit: number): Promise<number> {
  const { count } = await tx`
    delete from chat.envelopes where conversation_id = ${id} and seq in (
      select seq from chat.envelopes where conversation_id = ${id} order by seq limit ${limit}
    )`
  return count
}

/** Removes a conversation whose log is empty. */
export async function removeConversation(tx: Tx, id: ConversationId) {
  await tx`delete from chat.conversations where id = ${id}`
  await tx`delete from chat.conversations_to_remove where conversation_id = ${id}`
}
