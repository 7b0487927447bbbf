import type { ConversationId } from '@sotto/wire'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useClient } from '../../client/hooks/client-context.tsx'

const SAVE_AFTER_MS = 400

/** The composer's text. It is saved shortly after each pause, and when the page is left. */
export function useDraft(id: ConversationId, kept: string) {
  const { commands } = useClient()
  const [text, setText] = useState(kept)
  const latest = useRef(kept)
  const unsaved = useRef<string | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)

  const save = useCallback(() => {
    clearTimeout(timer.current)
    const draft = unsaved.current
    unsaved.current = null
    // A draft that can't be saved is still on the screen.
    if (draft !== null) commands.saveDraft(id, draft).catch(() => {})
  }, [commands, id])

  const write = useCallback(
    (next: string) => {
      setText(next)
      latest.current = next
      unsaved.current = next
      clearTimeout(timer.current)
      timer.current = setTimeout(save, SAVE_AFTER_MS)
    },
    [save],
  )
  const clear = useCallback(() => {
    write('')
    save()
  }, [write, save])
  /** Puts back a message that couldn't be sent, above anything written since. */
  const putBack = useCallback(
    (unsent: string) => write(latest.current === '' ? unsent : `${unsent}\n${latest.current}`),
    [write],
  )

  useEffect(() => {
    addEventListener('pagehide', save)
    return () => {
      removeEventListener('pagehide', save)
      save()
    }
  }, [save])
  return { text, write, clear, putBack }
}
