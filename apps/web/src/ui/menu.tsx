import { Menu as BaseMenu } from '@base-ui/react/menu'
import { Icon, type IconName } from './icon.tsx'
import styles from './menu.module.css'

export interface MenuEntry {
  readonly label: string
  readonly icon: IconName
  readonly tone?: 'danger'
  readonly act: () => void
}

interface Props {
  readonly label: string
  readonly entries: readonly MenuEntry[]
  /** Where it opens, and where focus goes afterwards; null while it is closed. */
  readonly anchor: HTMLElement | null
  readonly onClose: () => void
}

/** A menu that is opened from outside, so that a long list needs only one. */
export function Menu({ label, entries, anchor, onClose }: Props) {
  return (
    <BaseMenu.Root open={anchor !== null} onOpenChange={(open) => !open && onClose()} modal={false}>
      <BaseMenu.Portal>
        <BaseMenu.Positioner className={styles.place} anchor={anchor} sideOffset={4} align="end">
          <BaseMenu.Popup className={styles.menu} aria-label={label} finalFocus={() => anchor}>
            {entries.map((entry) => (
              <BaseMenu.Item
                key={entry.label}
                className={styles.entry}
                data-tone={entry.tone}
                onClick={entry.act}
              >
                <Icon name={entry.icon} size={16} />
                {entry.label}
              </BaseMenu.Item>
            ))}
          </BaseMenu.Popup>
        </BaseMenu.Positioner>
      </BaseMenu.Portal>
    </BaseMenu.Root>
  )
}
