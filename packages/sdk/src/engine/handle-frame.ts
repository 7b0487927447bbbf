import type { ServerFrame, StoredEnvelope } from '@sotto/wire'
import type { KeyWork } from '../account-sync/key-work.ts'
import { refreshOrEnd } from '../commands/ended-conversations.ts'
import { groupBy } from '../conversations/group-by.ts'
import type { Receipts } from '../conversations/receipts.ts'
import type { Typing } from '../conversations/typing.ts'
import {
  type CatchUpDependencies,
  learnOpened,
  refreshConversation,
} from '../receiving/catch-up.ts'
import type { Deliver } from '../sending/deliver.ts'
import { UNASKED } from '../transport/questions.ts'

export interface HandleFrameDependencies extends CatchUpDependencies {
  readonly deliver: Deliver
  readonly receipts: Receipts
  readonly typing: Typing
  readonly keyWork: KeyWork
}

/** Handles what the server has pushed. Everything except verdicts is a hint: the actual data is fetched. */
export async function handleFrame(
  deps: HandleFrameDependencies,
  frame: ServerFrame,
): Promise<void> {
  switch (frame.type) {
    case 'verdicts':
      return deps.deliver.decided(frame.verdicts)
    case 'envelopes':
      return handleEnvelopes(deps, frame.envelopes)
    case 'conversation_created':
      return learnOpened(deps, frame, UNASKED)
    case 'conversation_changed':
      return refreshOrEnd(deps, frame.conversationId)
    case 'receipts':
      return deps.receipts.apply(frame.accountId, frame.receipts)
    case 'typing':
      return deps.typing.show(frame.conversationId, frame.accountId)
    case 'account_changed':
      if (frame.accountId === deps.me().accountId) return deps.keyWork.wake('own')
      return deps.contacts.refresh(frame.accountId)
    case 'box_changed':
      return deps.keyWork.boxSeen(frame.box, frame.version)
    case 'authenticated':
    case 'error':
    case 'pong':
      // They are about the connection.
      return
    default:
      frame satisfies never
  }
}

async function handleEnvelopes(
  deps: HandleFrameDependencies,
  envelopes: readonly StoredEnvelope[],
): Promise<void> {
  const byConversation = groupBy(envelopes, ({ conversationId }) => conversationId)
  for (const [id, pushed] of byConversation) {
    const known = deps.conversations.get(id)
    if (!known || known.membership.aside) await refreshConversation(deps, id)
    await deps.receive.pushed(id, pushed)
    for (const { senderAccountId } of pushed) deps.typing.ended(id, senderAccountId)
  }
}
