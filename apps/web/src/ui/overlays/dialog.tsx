import { t } from '@lingui/core/macro'
import { type ReactNode, useState } from 'react'
import { later } from '../../later.tsx'
import { Boundary } from '../notices/boundary.tsx'
import styles from './dialog.module.css'
import type { DialogProps } from './dialog-window.tsx'

const DialogWindow = later(async () => (await import('./dialog-window.tsx')).DialogWindow)

/** A window over the page: Esc and a click outside close it, and the focus returns to where it was. */
export function Dialog(props: DialogProps) {
  // Once opened, it stays mounted so that closing can be animated.
  const [wasOpen, setWasOpen] = useState(false)
  if (props.open && !wasOpen) setWasOpen(true)
  if (!props.open && !wasOpen) return null
  return (
    <Boundary failure={t`This window can’t be shown.`} of={[props.open]}>
      <DialogWindow {...props} />
    </Boundary>
  )
}

/** The buttons at the end of a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>
}
