import { type ReactNode, useState } from 'react'
import { later } from '../later.tsx'
import styles from './dialog.module.css'
import type { DialogProps } from './dialog-window.tsx'

const DialogWindow = later(async () => (await import('./dialog-window.tsx')).DialogWindow)

/** A window over the page: Esc and a press outside close it, focus goes back to where it was. */
export function Dialog(props: DialogProps) {
  // Once opened it stays, so that it can go away softly.
  const [wasOpen, setWasOpen] = useState(false)
  if (props.open && !wasOpen) setWasOpen(true)
  return props.open || wasOpen ? <DialogWindow {...props} /> : null
}

/** The buttons at the end of a dialog. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className={styles.actions}>{children}</div>
}
