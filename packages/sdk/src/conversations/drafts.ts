import type { ConversationId } from '@sotto/wire'
import { type Storage, startingWith } from '../storage/storage.ts'
import { draftAt, put, remove } from '../storage/stored.ts'

/** What was typed and not sent. */
export interface Drafts {
  of(id: ConversationId): string
  save(id: ConversationId, text: string): Promise<void>
}

export async function openDrafts(
  storage: Storage,
  changed: (id: ConversationId) => void,
): Promise<Drafts> {
  const entries = await storage.range('drafts', startingWith(''))
  const drafts = new Map(entries.map(({ key, value }) => [key, value as string]))
  return {
    of: (id) => drafts.get(id) ?? '',
    save: async (id, text) => {
      await storage.write([text === '' ? remove(draftAt(id)) : put(draftAt(id), text)])
      drafts.set(id, text)
      changed(id)
    },
  }
}
