import type { ConversationSummary, MessageStatus } from '../api/commands.ts'
import type { ConversationRecord } from '../storage/stored.ts'

/** Where a conversation stands, for the person on this side. */
export function stateOf({ aside, mine, theirs }: ConversationRecord): ConversationSummary['state'] {
  if (aside === 'replaced') return 'ended'
  if (mine === 'requested') return 'request'
  if (mine !== 'accepted') return mine
  return theirs === 'accepted' ? 'open' : 'waiting'
}

/** How far an own message at `seq` has got. */
export function statusAt({ theirMarks }: ConversationRecord, seq: number): MessageStatus {
  if (seq <= theirMarks.readSeq) return 'read'
  return seq <= theirMarks.deliveredSeq ? 'delivered' : 'accepted'
}
