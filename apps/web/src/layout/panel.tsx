import { t } from '@lingui/core/macro'
import { type ReactNode, useEffect, useRef } from 'react'
import { hrefOf, navigate, type Route } from '../routes.ts'
import { IconLink } from '../ui/buttons/button.tsx'
import { isComposing } from '../ui/keyboard/composing.ts'
import styles from './panel.module.css'

interface Props {
  readonly title: string
  /** Where closing leads. */
  readonly back: Route
  readonly extra?: ReactNode
  readonly children: ReactNode
}

/** The third column, or a sheet over the page where there is no room for it. Esc closes it. */
export function Panel({ title, back, extra, children }: Props) {
  const panel = useRef<HTMLElement>(null)
  useReturnedFocus(panel)
  return (
    <aside
      ref={panel}
      className={styles.panel}
      aria-label={title}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented || isComposing(event)) return
        navigate(back)
      }}
    >
      <header className={styles.head}>
        <h2>{title}</h2>
        {extra}
        <IconLink href={hrefOf(back)} icon="close" label={t`Close panel`} />
      </header>
      <div className={styles.body}>{children}</div>
    </aside>
  )
}

/** Takes the focus while mounted, and returns it to where it was. */
function useReturnedFocus(panel: React.RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const before = document.activeElement
    panel.current?.focus()
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus()
    }
  }, [panel])
}
