import type { Message } from '@sotto/sdk'
import { useCallback, useState } from 'react'

/** The message whose menu is open, and the element that the menu is attached to. */
export interface ChosenMessage {
  readonly message: Message
  readonly anchor: HTMLElement
}

/** One menu for all messages of a timeline. */
export function useMessageMenu() {
  const [chosen, setChosen] = useState<ChosenMessage | null>(null)
  const open = useCallback(
    (message: Message, anchor: HTMLElement) => setChosen({ message, anchor }),
    [],
  )
  const close = useCallback(() => setChosen(null), [])
  return { chosen, open, close }
}
