import type { ConversationId } from '@sotto/wire'
import { useCallback, useRef } from 'react'
import { useClient } from '../../client/hooks/client-context.tsx'

const EVERY_MS = 3000

/** Tells the other side that the person is typing, at most every few seconds. */
export function useTypingNotice(id: ConversationId, isOpen: boolean): () => void {
  const { commands } = useClient()
  const told = useRef(0)
  return useCallback(() => {
    if (!isOpen || Date.now() - told.current < EVERY_MS) return
    told.current = Date.now()
    commands.announceTyping(id).catch(() => {})
  }, [commands, id, isOpen])
}
