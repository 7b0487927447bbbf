import type { ReactNode } from 'react'
import styles from './column-page.module.css'

interface Props {
  /** The bar at the top, which stays in place while the rest scrolls. */
  readonly bar: ReactNode
  readonly children: ReactNode
}

/** A page in the main column with a single column of content. */
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
