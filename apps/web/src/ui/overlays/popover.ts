// The browser's own popover closes itself on Esc and on a press elsewhere, and gives the focus back. Not all
// browsers that Sotto runs in have it: there the page does that.
const isNative = 'showPopover' in HTMLElement.prototype

/** The attribute `popover` of an element that is shown so. */
export const popoverKind = isNative ? 'auto' : undefined

export const isPopoverShown = (element: HTMLElement): boolean =>
  isNative && element.matches(':popover-open')

/**
 * Shows `element`, which has `popoverKind`. The browser tells of its end by `onToggle`; without it `onClose` is
 * called. Returns what has to be done when it is shown no more.
 */
export function showPopover(element: HTMLElement, onClose: () => void): () => void {
  if (isNative) {
    if (!isPopoverShown(element)) element.showPopover()
    return () => {}
  }
  const before = document.activeElement
  const onPress = ({ target }: Event) => {
    if (!element.contains(target as Node)) onClose()
  }
  const onKey = ({ key }: KeyboardEvent) => {
    if (key === 'Escape') onClose()
  }
  document.addEventListener('pointerdown', onPress, true)
  document.addEventListener('keydown', onKey, true)
  return () => {
    document.removeEventListener('pointerdown', onPress, true)
    document.removeEventListener('keydown', onKey, true)
    if (before instanceof HTMLElement && before.isConnected) before.focus()
  }
}

export function hidePopover(element: HTMLElement, onClose: () => void): void {
  if (isNative) element.hidePopover()
  else onClose()
}
