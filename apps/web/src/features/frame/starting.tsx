import type { ReactNode } from 'react'
import { Logo } from '../../ui/logo.tsx'
import styles from './starting.module.css'

/** While the client reads its storage; empty for the first moment, so that nothing flickers. */
export function Starting({ children }: { children?: ReactNode }) {
  return (
    <main className={styles.starting} aria-busy="true" aria-label="Sotto is starting">
      <Logo size={64} />
      {children}
    </main>
  )
}
