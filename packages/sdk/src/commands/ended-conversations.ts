import type { ConversationId } from '@sotto/wire'
import { codeOf } from '../api/errors.ts'
import { othersIn } from '../conversations/conversation-record.ts'
import { withAside } from '../conversations/membership.ts'
import { type CatchUpDependencies, refreshConversation } from '../receiving/catch-up.ts'

/**
 * Re-reads a conversation after a hint about it. If the server no longer has it because the other person's account was
 * removed, it ends here, and everything stored stays.
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
 * Ends a conversation that the server doesn't have, unless the server still has the other person's account. The server
 * may be wrong or lying: if it shows the conversation again, the logs are compared and it continues (`windBack`).
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
