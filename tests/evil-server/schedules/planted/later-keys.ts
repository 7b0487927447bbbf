import type { ConversationRecord } from '../../../../packages/sdk/src/conversations/conversation-record.ts'
import { recipientsIn } from '../../../../packages/sdk/src/sending/recipients.ts'
import {
  type LostPart,
  type SealAgainDependencies,
  type SealedAgain,
  sealAgain as sealAgainForWriter,
} from '../../../../packages/sdk/src/server-restore/seal-again.ts'
import { writtenTo } from '../../../../packages/sdk/src/storage/records/written-to.ts'

/**
 * The planted bug: a lost message's recipient is inferred from the place of the last key change. That place moves when
 * the log is cut, so after two eras everything is sealed for the latest key.
 */
export function sealAgain(
  deps: SealAgainDependencies,
  conversation: ConversationRecord,
  lost: LostPart,
): Promise<SealedAgain> {
  const recipients = recipientsIn(deps, lost.before) ?? []
  const keyAge = Math.max(0, ...lost.before.keyChanges.map(({ afterSeq }) => afterSeq))
  const messages = lost.messages.map((entry) => ({
    ...entry,
    writtenTo: entry.seq > keyAge ? writtenTo(recipients) : {},
  }))
  return sealAgainForWriter(deps, conversation, { ...lost, messages })
}
