import type { ReactNode } from 'react'
import { Icon, type IconName } from '../icons/icon.tsx'
import styles from './empty-state.module.css'

/** What would be here, and the next step. */
export function EmptyState({
  icon,
  title,
  children,
}: {
  icon: IconName
  title: ReactNode
  children?: ReactNode
}) {
  return (
    <div className={styles.empty}>
      <span className={styles.drawing}>
        <Icon name={icon} size={24} />
      </span>
      <h2>{title}</h2>
      {children}
    </div>
  )
}
