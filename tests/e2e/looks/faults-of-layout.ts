/**
 * Finds layout problems with the help of a pseudo-language: words that are cut off or overlap, and words left in
 * English. Runs in the page; `mark` matches every translated word.
 */
export function faultsOfLayout(mark: { source: string }): string[] {
  const translated = new RegExp(mark.source)
  /** Text that people have written, or that is the same in every language. */
  const content =
    'bdi, code, pre, kbd, dd, time, svg, input, textarea, [dir=auto], [data-testid=message], [translate=no]'
  const faults: string[] = []
  const layer = [...document.querySelectorAll('[role=dialog], [role=menu]')].at(-1)
  const words = document.createTreeWalker(layer ?? document.body, NodeFilter.SHOW_TEXT)
  while (words.nextNode()) {
    const { currentNode: node } = words
    const text = (node.textContent ?? '').trim()
    const element = node.parentElement
    if (!element || !/\p{L}{2}/u.test(text) || !isShown(element)) continue
    const isOwn = translated.test(text)
    if (!isOwn && !element.closest(content) && /\p{L}{2,}[,.]? \p{L}/u.test(text)) {
      faults.push(`in English: ${text}`)
    }
    if (isOwn && isCut(element)) faults.push(`cut off: ${text}`)
    const other = isOwn ? above(node, element) : null
    if (other) faults.push(`under ${other}: ${text}`)
  }
  return faults

  function isShown(element: Element): boolean {
    const { width, height } = element.getBoundingClientRect()
    return (
      element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) &&
      width > 2 &&
      height > 2
    )
  }

  /** Whether an ancestor's box hides part of its words. */
  function isCut(element: Element): boolean {
    for (let box: Element | null = element; box && box !== document.body; box = box.parentElement) {
      const { overflowX, overflowY, display } = getComputedStyle(box)
      if (display === 'inline') continue
      const isHidden = (overflow: string) => overflow === 'hidden' || overflow === 'clip'
      if (isHidden(overflowX) && box.scrollWidth > box.clientWidth + 1) return true
      if (isHidden(overflowY) && box.scrollHeight > box.clientHeight + 1) return true
      if (/auto|scroll/.test(overflowX + overflowY)) return false
    }
    return false
  }

  /** The element that covers the middle of the words, if any. */
  function above(node: Node, element: Element): string | null {
    const range = document.createRange()
    range.selectNodeContents(node)
    const [line] = range.getClientRects()
    if (!line) return null
    const [x, y] = [line.x + line.width / 2, line.y + line.height / 2]
    if (x < 0 || y < 0 || x > innerWidth || y > innerHeight || isScrolledAway(element, x, y))
      return null
    const top = document.elementFromPoint(x, y)
    if (!top || top.contains(element) || element.contains(top)) return null
    // A panel or a notice may cover the page.
    if (getComputedStyle(top).pointerEvents === 'none') return null
    return isInFront(top, element) ? null : `${top.tagName}.${top.className}`
  }

  function isScrolledAway(element: Element, x: number, y: number): boolean {
    for (let box = element.parentElement; box; box = box.parentElement) {
      const { top, bottom, left, right } = box.getBoundingClientRect()
      const isOutside = x < left || x > right || y < top || y > bottom
      if (isOutside && getComputedStyle(box).overflow !== 'visible') return true
    }
    return false
  }

  function isInFront(top: Element, element: Element): boolean {
    for (let box: Element | null = top; box; box = box.parentElement) {
      if (box.contains(element)) return false
      if (/fixed|absolute|sticky/.test(getComputedStyle(box).position)) return true
    }
    return false
  }
}
