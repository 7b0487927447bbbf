import type { ConversationId } from '@sotto/wire'
import { startingWith } from '../storage.ts'
import type { Store } from '../store.ts'
import { kindOf } from './conversations.ts'

/** How far a conversation's log reaches on this device. */
export interface LogEnd {
  readonly conversation: ConversationId
  readonly seq: number
  readonly updatedAt: number
}

/** The ends of all logs, latest activity first. Doesn't need the conversations to be open. */
export async function readLogEnds(storage: Store): Promise<LogEnd[]> {
  const [windows, summaries] = await Promise.all([
    storage.range(kindOf('window'), startingWith('window/')),
    storage.range(kindOf('summary'), startingWith('summary/')),
  ])
  const updatedAt = new Map(
    summaries.map(({ key, value }) => [key.slice('summary/'.length), value.updatedAt]),
  )
  return windows
    .map(({ key, value }) => {
      const conversation = key.slice('window/'.length) as ConversationId
      return { conversation, seq: value.newest, updatedAt: updatedAt.get(conversation) ?? 0 }
    })
    .sort((one, other) => other.updatedAt - one.updatedAt)
}
