import { t } from '@lingui/core/macro'
import type { ReactNode } from 'react'
import { IconLink } from '../ui/buttons/button.tsx'
import { classes } from '../ui/classes.ts'
import styles from './bar.module.css'

interface Props {
  readonly title: string
  /** Where the back link leads. */
  readonly back: string
  /** Whether the back link also appears in a wide window, where the rail is visible. */
  readonly backAlways?: boolean
  readonly children?: ReactNode
}

/** The bar at the top of a page in the main column. */
export function Bar({ title, back, backAlways = false, children }: Props) {
  return (
    <header className={styles.bar}>
      <span className={classes(!backAlways && styles['narrow-only'])}>
        <IconLink href={back} icon="back" label={t`Back`} />
      </span>
      <h1>{title}</h1>
      {children}
    </header>
  )
}
