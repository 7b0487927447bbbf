import type { ConversationId } from '@sotto/wire'
import { put, remove } from '../storage/record-kind.ts'
import { DRAFTS, draftAt } from '../storage/records/conversations.ts'
import { startingWith } from '../storage/storage.ts'
import type { Store } from '../storage/store.ts'

/** Text that was typed but not sent. */
export interface Drafts {
  of(id: ConversationId): string
  save(id: ConversationId, text: string): Promise<void>
}

export async function openDrafts(
  storage: Store,
  onChanged: (id: ConversationId) => void,
): Promise<Drafts> {
  const entries = await storage.range(DRAFTS, startingWith(''))
  const drafts = new Map(entries.map(({ key, value }) => [key, value]))
  return {
    of: (id) => drafts.get(id) ?? '',
    save: async (id, text) => {
      await storage.write([text === '' ? remove(draftAt(id)) : put(draftAt(id), text)])
      drafts.set(id, text)
      onChanged(id)
    },
  }
}
