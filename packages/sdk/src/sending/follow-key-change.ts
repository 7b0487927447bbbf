import type { AccountId, ConversationId } from '@sotto/wire'
import { isInDoubt } from '../contacts/pins/key-decisions.ts'
import { noteKeyChanges } from '../contacts/safety.ts'
import { isWrittenTo } from '../storage/records/written-to.ts'
import { recipientsIn } from './recipients.ts'
import { failMessage, type SendDependencies } from './send.ts'

/** Handles a contact's key change: each conversation shows a notice, and messages waiting for the former key fail. */
export async function followKeyChange(deps: SendDependencies, accountId: AccountId): Promise<void> {
  await noteKeyChanges(deps, accountId)
  for (const { id } of deps.conversations.with(accountId)) await failForChangedKey(deps, id)
}

/** The same for all contacts, because a crash may have interrupted it. */
export async function followKeyChanges(deps: SendDependencies): Promise<void> {
  for (const { changed, formerKeys, accountId } of deps.contacts.all()) {
    if (changed || formerKeys.length > 0) await followKeyChange(deps, accountId)
  }
}

async function failForChangedKey(deps: SendDependencies, id: ConversationId): Promise<void> {
  const recipients = recipientsIn(deps, deps.conversations.load(id))
  if (!recipients) return
  for (const item of deps.outbox.of(id)) {
    const isOutdated = recipients.some(isInDoubt) || !isWrittenTo(item, recipients)
    if (isOutdated && item.state === 'waiting') await failMessage(deps, item, 'key_changed')
  }
}
