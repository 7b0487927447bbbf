import { writtenTo } from '../../../../packages/sdk/src/sending/written-to.ts'
import {
  type LostPart,
  type SealAgainDependencies,
  type SealedAgain,
  sealAgain as sealAgainForWriter,
} from '../../../../packages/sdk/src/server-restore/seal-again.ts'
import type { ConversationRecord } from '../../../../packages/sdk/src/storage/stored.ts'

/**
 * The planted bug: whom a lost message was written to is inferred from the place of the last key change.
 * That place moves when the log is cut, so after two eras everything is sealed for the latest key.
 */
export function sealAgain(
  deps: SealAgainDependencies,
  conversation: ConversationRecord,
  lost: LostPart,
): Promise<SealedAgain> {
  const contact = deps.contacts.get(lost.before.peer)
  const keyAge = Math.max(0, ...lost.before.keyChanges.map(({ afterSeq }) => afterSeq))
  const messages = lost.messages.map((entry) => ({
    ...entry,
    writtenTo: contact && entry.seq > keyAge ? writtenTo(contact) : {},
  }))
  return sealAgainForWriter(deps, conversation, { ...lost, messages })
}
