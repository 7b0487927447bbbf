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
    (onChange: () => void) => client.subscribe(keyOf(key.view, conversationId), onChange),
    [client, key.view, conversationId],
  )
  return useSyncExternalStore(subscribe, () => client.snapshot(key))
}

const keyOf = (view: ViewKey['view'], conversationId: ConversationId | undefined): ViewKey =>
  ({ view, conversationId }) as ViewKey

const noConversations: readonly ConversationSummary[] = []

/** The person's progress from opening the app to chatting. */
export const useSession = (): SessionView => useView({ view: 'session' }) ?? { stage: 'starting' }

/** Our profile; only for components shown while `ready`. */
export function useMe(): OwnProfile {
  const session = useSession()
  if (session.stage !== 'ready') throw new Error('useMe needs a session that is ready')
  return session.me
}

export const useConnection = (): ConnectionView =>
  useView({ view: 'connection' }) ?? { state: 'connecting' }

const noDoubt: DoubtView = { untrustedAt: null, unknownProtocols: [] }

/** Whether the server was caught giving an impossible answer. */
export const useDoubt = (): DoubtView => useView({ view: 'doubt' }) ?? noDoubt

const noProblem: StorageView = { problem: null, damaged: 0 }

/** Whether this browser can store everything it has to. */
export const useStorage = (): StorageView => useView({ view: 'storage' }) ?? noProblem

/** All conversations, latest first; undefined until they have been loaded. */
export const useConversations = (): readonly ConversationSummary[] | undefined =>
  useView({ view: 'conversations' })

export function useConversation(id: ConversationId): ConversationSummary | undefined {
  return (useConversations() ?? noConversations).find((conversation) => conversation.id === id)
}

export const useTimeline = (conversationId: ConversationId): TimelineView | undefined =>
  useView({ view: 'timeline', conversationId })
