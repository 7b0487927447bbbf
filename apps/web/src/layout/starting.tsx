import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { type ReactNode, useSyncExternalStore } from 'react'
import { type Awaited, waitsFor } from '../client/waits-for.ts'
import { Button } from '../ui/buttons/button.tsx'
import { Logo } from '../ui/icons/logo.tsx'
import styles from './starting.module.css'

function slowWords(awaited: Awaited): string {
  switch (awaited) {
    case 'tab':
      return t`Sotto is open in another tab or window that isn’t responding. Go to that tab or close it, then reload this page.`
    case 'storage':
      return t`This browser’s storage isn’t responding. Close other Sotto tabs or restart the browser.`
    case 'account':
      return t`This is taking longer than usual. The server or your connection may be slow.`
  }
}

/**
 * Shown while the client reads its storage or waits for another tab. Empty at first, to avoid flicker; after some
 * seconds it says what may be wrong.
 */
export function Starting({ children }: { children?: ReactNode }) {
  const awaited = useSyncExternalStore(waitsFor.subscribe, waitsFor.read)
  return (
    <main className={styles.starting} aria-busy="true" aria-label={t`Sotto is starting`}>
      <Logo size={64} />
      {children}
      <div className={styles.slow} role="status">
        <p>{slowWords(awaited)}</p>
        <Button onClick={() => location.reload()}>
          <Trans>Reload</Trans>
        </Button>
      </div>
    </main>
  )
}
