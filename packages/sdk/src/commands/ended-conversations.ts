import type { ConversationId } from '@sotto/wire'
import { codeOf } from '../api/errors.ts'
import { othersIn } from '../conversations/conversation-record.ts'
import { withAside } from '../conversations/membership.ts'
import { type CatchUpDependencies, refreshConversation } from '../receiving/catch-up.ts'

/**
 * Reads a conversation anew because something told of it. When the server has it no more, because the account of
 * the other person was removed, it ends here, and everything that is here stays.
 */
export async function refreshOrEnd(deps: CatchUpDependencies, id: ConversationId): Promise<void> {
  try {
    await refreshConversation(deps, id)
  } catch (error) {
    if (codeOf(error) !== 'conversation_not_found') throw error
    await endIfGone(deps, id)
  }
}

/**
 * Ends a conversation that the server does not have, unless it still has the other person's account. The server may
 * be wrong, or lie: if it shows the conversation again, logs are compared and it goes on (`windBack`).
 */
export async function endIfGone(deps: CatchUpDependencies, id: ConversationId): Promise<void> {
  const { conversations, contacts } = deps
  const conversation = conversations.get(id)
  if (!conversation) return
  try {
    for (const accountId of othersIn(conversation)) await contacts.fetch(accountId)
  } catch (error) {
    if (codeOf(error) !== 'account_not_found') throw error
    await conversations.update(id, (now) =>
      now.membership.aside ? undefined : { next: withAside(now, 'replaced') },
    )
  }
}
