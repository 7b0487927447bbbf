import type {
  ConnectionView,
  ConversationSummary,
  DoubtView,
  OwnProfile,
  SessionView,
  StorageView,
  TimelineView,
  ViewKey,
  Views,
} from '@sotto/sdk'
import type { ConversationId } from '@sotto/wire'
import { useCallback, useSyncExternalStore } from 'react'
import { useClient } from './client-context.tsx'

function useView<K extends ViewKey>(key: K): Views[K['view']] | undefined {
  const client = useClient()
  const conversationId = key.view === 'timeline' ? key.conversationId : undefined
  const subscribe = useCallback(
    (changed: () => void) => client.subscribe(keyOf(key.view, conversationId), changed),
    [client, key.view, conversationId],
  )
  return useSyncExternalStore(subscribe, () => client.snapshot(key))
}

const keyOf = (view: ViewKey['view'], conversationId: ConversationId | undefined): ViewKey =>
  ({ view, conversationId }) as ViewKey

const noConversations: readonly ConversationSummary[] = []

/** Where the person stands between opening the app and talking. */
export const useSession = (): SessionView => useView({ view: 'session' }) ?? { stage: 'starting' }

/** The own profile; only for what is shown while `ready`. */
export function useMe(): OwnProfile {
  const session = useSession()
  if (session.stage !== 'ready') throw new Error('nobody is ready')
  return session.me
}

export const useConnection = (): ConnectionView =>
  useView({ view: 'connection' }) ?? { state: 'connecting' }

const noDoubt: DoubtView = { untrustedAt: null, unknownProtocols: [] }

/** Whether the server was caught with an answer that cannot be right. */
export const useDoubt = (): DoubtView => useView({ view: 'doubt' }) ?? noDoubt

const noProblem: StorageView = { problem: null, damaged: 0 }

/** Whether this browser keeps what it has to. */
export const useStorage = (): StorageView => useView({ view: 'storage' }) ?? noProblem

/** All conversations, latest first; undefined while they have not been read yet. */
export const useConversations = (): readonly ConversationSummary[] | undefined =>
  useView({ view: 'conversations' })

export function useConversation(id: ConversationId): ConversationSummary | undefined {
  return (useConversations() ?? noConversations).find((conversation) => conversation.id === id)
}

export const useTimeline = (conversationId: ConversationId): TimelineView | undefined =>
  useView({ view: 'timeline', conversationId })
