import type { AccountId, ConversationId } from '@sotto/wire'
import { noteKeyChange } from './safety.ts'
import { failMessage, type SendDependencies } from './send.ts'

/**
 * What follows when the server shows another key of a contact: each conversation says so, and what waits
 * there does not go out.
 */
export async function followKeyChange(deps: SendDependencies, accountId: AccountId): Promise<void> {
  await noteKeyChange(deps, accountId)
  for (const { id } of deps.conversations.with(accountId)) await failForChangedKey(deps, id)
}

/** The same for changes that were noticed before: a crash may have come in between. */
export async function followOldKeyChanges(deps: SendDependencies): Promise<void> {
  for (const { changed, accountId } of deps.contacts.all()) {
    if (changed) await followKeyChange(deps, accountId)
  }
}

/** Fails what waits for a contact whose key is no longer the one it was encrypted for. */
async function failForChangedKey(deps: SendDependencies, id: ConversationId): Promise<void> {
  const contact = deps.contacts.get(deps.conversations.load(id).peer)
  if (!contact) return
  for (const item of deps.outbox.of(id)) {
    const isOutdated = contact.changed !== null || item.sealedFor !== contact.identityKey
    if (isOutdated && item.state === 'waiting') await failMessage(deps, item, 'key_changed')
  }
}
