import type { AccountId, ConversationId } from '@sotto/wire'
import type { ChatContext } from '../../context.ts'
import * as accounts from '../../store/accounts/accounts.ts'
import * as removals from '../../store/accounts/removals.ts'
import * as conversations from '../../store/conversations/conversations.ts'
import * as participants from '../../store/conversations/participants.ts'
import * as devices from '../../store/devices/devices.ts'
import * as accountUsage from '../../store/usage/account-usage.ts'
import { transact } from '../eras/transact.ts'

/** Small enough for one transaction, for which others who write to the same people have to wait. */
const ENVELOPES_AT_ONCE = 2_000

type Context = Pick<ChatContext, 'sql' | 'outbox' | 'eras' | 'limits' | 'now'>

/**
 * Removes all data of an account, in steps that may be repeated after a crash. It first removes
 * what the account has published, so that none of its devices can write any more, then its
 * conversations for all participants, with their logs, and finally its usage, together with the job
 * that makes the auth service delete the account. See ADR 20.
 */
export async function removeAccount(
  context: Context,
  accountId: AccountId,
  stop?: AbortSignal,
): Promise<void> {
  const { sql } = context
  await removePublished(context, accountId)
  for (;;) {
    stop?.throwIfAborted()
    const id = await participants.findConversation(sql, accountId)
    if (!id) break
    await closeConversation(context, accountId, id)
  }
  for (;;) {
    stop?.throwIfAborted()
    const id = await removals.findConversation(sql, accountId)
    if (!id) break
    await removePart(context, id)
  }
  await end(context, accountId)
}

async function removePublished(context: Context, accountId: AccountId): Promise<void> {
  const { limits, now } = context
  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    const own = await devices.list(tx, [accountId])
    const contacts = await participants.listContacts(tx, accountId)
    await removals.note(tx, accountId, new Date(now()))
    await removals.removePublished(tx, accountId)
    await limits.forget(tx, [accountId, ...own.map(({ deviceId }) => accountId + deviceId)])
    await record(
      contacts.length > 0 ? [{ type: 'account.changed', recipients: contacts, accountId }] : [],
    )
  })
}

/**
 * Removes all participants from a conversation, so that no one can find, read or write to it any
 * more.
 */
async function closeConversation(
  context: Context,
  accountId: AccountId,
  id: ConversationId,
): Promise<void> {
  await transact(context, async (tx, record) => {
    await conversations.lock(tx, [id])
    const standings = await participants.list(tx, [id])
    const others = standings
      .map((standing) => standing.accountId)
      .filter((other) => other !== accountId)
    await participants.removeAll(tx, id)
    await removals.addConversation(tx, id, accountId)
    await removals.note(tx, id, new Date(context.now()))
    await record(
      others.length > 0
        ? [{ type: 'conversation.changed', recipients: others, conversationId: id }]
        : [],
    )
  })
}

/** Removes a part of a log, or the conversation if its log is empty. */
async function removePart(context: Context, id: ConversationId): Promise<void> {
  await transact(context, async (tx, record) => {
    await conversations.lock(tx, [id])
    await accountUsage.lockSenders(tx, id, ENVELOPES_AT_ONCE)
    const removed = await removals.removeEnvelopes(tx, id, ENVELOPES_AT_ONCE)
    if (removed === 0) await removals.removeConversation(tx, id)
    await record([])
  })
}

async function end(context: Context, accountId: AccountId): Promise<void> {
  await transact(context, async (tx, record) => {
    await accounts.lock(tx, [accountId])
    await accountUsage.remove(tx, accountId)
    await record([{ type: 'account.forget', accountId }])
  })
}
