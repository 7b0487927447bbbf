import type { ReactNode } from 'react'
import { Icon, type IconName } from '../icons/icon.tsx'
import styles from './notice.module.css'

type Tone = 'plain' | 'warn' | 'danger' | 'ok'

const icons: Record<Tone, IconName> = {
  plain: 'key',
  warn: 'warning',
  danger: 'failed',
  ok: 'verified',
}

interface Props {
  readonly tone?: Tone
  readonly icon?: IconName
  readonly title?: ReactNode
  readonly children?: ReactNode
}

/** Something that the person should read right where it appears. */
export function Notice({ tone = 'plain', icon, title, children }: Props) {
  return (
    <div className={styles.notice} data-tone={tone}>
      <Icon name={icon ?? icons[tone]} />
      <div className={styles.words}>
        {title && <strong>{title}</strong>}
        {children}
      </div>
    </div>
  )
}
