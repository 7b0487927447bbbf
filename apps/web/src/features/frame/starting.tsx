import { type ReactNode, useSyncExternalStore } from 'react'
import { type Awaited, waitsFor } from '../../start/waits-for.ts'
import { Button } from '../../ui/button.tsx'
import { Logo } from '../../ui/logo.tsx'
import styles from './starting.module.css'

const slow: Record<Awaited, string> = {
  tab: 'Sotto is open in another tab or window, and that one does not answer. Look at it, or close it. Then load this page again.',
  storage:
    'The storage of this browser does not answer. Close other tabs of Sotto, or start the browser again.',
  account: 'This takes longer than usual. The server may be slow, or your connection.',
}

/**
 * While the client reads its storage, or another tab is asked; empty for the first moment, so that nothing
 * flickers. After some seconds it says what may be the matter.
 */
export function Starting({ children }: { children?: ReactNode }) {
  const awaited = useSyncExternalStore(waitsFor.subscribe, waitsFor.read)
  return (
    <main className={styles.starting} aria-busy="true" aria-label="Sotto is starting">
      <Logo size={64} />
      {children}
      <div className={styles.slow} role="status">
        <p>{slow[awaited]}</p>
        <Button onClick={() => location.reload()}>Load the page again</Button>
      </div>
    </main>
  )
}
