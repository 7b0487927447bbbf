import type { ClipboardEvent } from 'react'

/** Marks where a text was folded. */
export const foldMark = { 'data-fold': '' } as const

/**
 * Copies from a folded text. A selection that extends past the fold means the whole text, so `rest` is copied in place
 * of the mark. A selection that extends into other messages is left to the browser.
 */
export function copyFolded(event: ClipboardEvent<HTMLElement>, rest: string): void {
  const text = event.currentTarget
  const mark = text.querySelector('[data-fold]')
  const selection = getSelection()
  if (!mark || selection?.rangeCount !== 1 || !selection.containsNode(mark, true)) return
  const selected = selection.getRangeAt(0)
  if (!text.contains(selected.startContainer) || reachesBehind(selected, text)) return
  const shown = selected.cloneRange()
  shown.setEndBefore(mark)
  event.clipboardData.setData('text/plain', shown.toString() + rest)
  event.preventDefault()
}

/** A triple click selects up to the start of the next element, without any of its content. */
function reachesBehind(selected: Range, text: HTMLElement): boolean {
  if (text.contains(selected.endContainer)) return false
  const behind = selected.cloneRange()
  behind.setStartAfter(text)
  return behind.toString() !== ''
}
