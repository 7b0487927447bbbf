// The browser's own popover closes itself on Esc and on a click elsewhere, and returns the focus. Some supported
// browsers lack it; there, the page does this itself.
const isNative = 'showPopover' in HTMLElement.prototype

/** The `popover` attribute of an element to be shown this way. */
export const popoverKind = isNative ? 'auto' : undefined

export const isPopoverShown = (element: HTMLElement): boolean =>
  isNative && element.matches(':popover-open')

/**
 * Shows `element`, which has `popoverKind`. The browser reports its closing through `onToggle`; without native support
 * `onClose` is called. Returns a cleanup function for when it is hidden again.
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
