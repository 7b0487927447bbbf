import type { ReactNode } from 'react'
import { Icon, type IconName } from './icon.tsx'
import styles from './tag.module.css'

/** A state in words and a shape; the color only helps. */
export function Tag({
  tone = 'plain',
  icon,
  children,
}: {
  tone?: 'plain' | 'ok' | 'warn' | 'danger'
  icon?: IconName
  children: ReactNode
}) {
  return (
    <span className={styles.tag} data-tone={tone}>
      {icon && <Icon name={icon} size={14} />}
      {children}
    </span>
  )
}
