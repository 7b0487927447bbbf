import { CSPProvider } from '@base-ui/react/csp-provider'
import { Dialog as BaseDialog } from '@base-ui/react/dialog'
import { t } from '@lingui/core/macro'
import type { ReactNode } from 'react'
import { IconButton } from '../buttons/button.tsx'
import { classes } from '../classes.ts'
import styles from './dialog.module.css'

export interface DialogProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: ReactNode
  readonly children: ReactNode
  readonly wide?: boolean
}

/**
 * A dialog's window. Base UI's parts would insert <style> elements, which the page's policy forbids, unless told
 * otherwise.
 */
export function DialogWindow({ open, onClose, title, children, wide = false }: DialogProps) {
  return (
    <CSPProvider disableStyleElements>
      <BaseDialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
        <BaseDialog.Portal>
          <BaseDialog.Backdrop className={styles.veil} />
          <BaseDialog.Popup className={classes(styles.window, wide && styles.wide)}>
            <header className={styles.head}>
              <BaseDialog.Title className={styles.title}>{title}</BaseDialog.Title>
              <BaseDialog.Close render={<IconButton icon="close" label={t`Close`} />} />
            </header>
            <div className={styles.body}>{children}</div>
          </BaseDialog.Popup>
        </BaseDialog.Portal>
      </BaseDialog.Root>
    </CSPProvider>
  )
}
