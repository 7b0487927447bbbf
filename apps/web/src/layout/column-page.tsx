import type { ReactNode } from 'react'
import styles from './column-page.module.css'

interface Props {
  /** The line on top, which stays when the rest scrolls. */
  readonly bar: ReactNode
  readonly children: ReactNode
}

/** A page in the main column whose content is one column of its own. */
export function ColumnPage({ bar, children }: Props) {
  return (
    <main className={styles.page}>
      {bar}
      <div className={styles.scroller}>
        <div className={styles.column}>{children}</div>
      </div>
    </main>
  )
}
