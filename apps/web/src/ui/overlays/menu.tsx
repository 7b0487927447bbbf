import { type KeyboardEvent, useLayoutEffect, useRef } from 'react'
import { Icon, type IconName } from '../icons/icon.tsx'
import { moveFocus } from '../keyboard/arrow-keys.ts'
import styles from './menu.module.css'
import { hidePopover, isPopoverShown, popoverKind, showPopover } from './popover.ts'

export interface MenuEntry {
  readonly label: string
  readonly icon: IconName
  readonly tone?: 'danger'
  readonly act: () => void
}

interface Props {
  readonly label: string
  readonly entries: readonly MenuEntry[]
  /** Where it opens; a new object each time, or null while it's closed. */
  readonly opened: { readonly anchor: HTMLElement } | null
  readonly onClose: () => void
}

const moveBetweenEntries = moveFocus('[role=menuitem]')
const GAP_PX = 4

/** A menu that is opened from outside, so that a long list needs only one. */
export function Menu({ label, entries, opened, onClose }: Props) {
  const menu = useRef<HTMLDivElement>(null)
  useLayoutEffect(() => {
    const element = menu.current
    if (!element || !opened) return
    const shownNoMore = showPopover(element, onClose)
    place(element, opened.anchor.getBoundingClientRect())
    element.querySelector<HTMLElement>('[role=menuitem]')?.focus()
    return shownNoMore
  }, [opened, onClose])

  if (!opened) return null
  const close = () => menu.current && hidePopover(menu.current, onClose)
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.key === 'Tab') close()
    moveBetweenEntries(event)
  }
  return (
    <div
      ref={menu}
      popover={popoverKind}
      role="menu"
      tabIndex={-1}
      aria-label={label}
      className={styles.menu}
      // Fires a moment late: the menu may already be open again.
      onToggle={({ currentTarget }) => isPopoverShown(currentTarget) || onClose()}
      onKeyDown={onKeyDown}
    >
      {entries.map((entry) => (
        <button
          key={entry.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className={styles.entry}
          data-tone={entry.tone}
          onClick={() => {
            close()
            entry.act()
          }}
        >
          <Icon name={entry.icon} size={16} />
          {entry.label}
        </button>
      ))}
    </div>
  )
}

/** Below the anchor, aligned to its end, or above it if there is no room; never outside the window. */
function place(menu: HTMLElement, anchor: DOMRect): void {
  const { width, height } = menu.getBoundingClientRect()
  const below = anchor.bottom + GAP_PX
  const top = below + height < innerHeight ? below : Math.max(GAP_PX, anchor.top - height - GAP_PX)
  const isRightToLeft = getComputedStyle(menu).direction === 'rtl'
  const wanted = isRightToLeft ? anchor.left : anchor.right - width
  const left = Math.min(Math.max(GAP_PX, wanted), innerWidth - width - GAP_PX)
  menu.style.top = `${top}px`
  menu.style.left = `${left}px`
}
