import { t } from '@lingui/core/macro'
import type { ReactNode } from 'react'
import { IconLink } from '../ui/buttons/button.tsx'
import { Logo } from '../ui/icons/logo.tsx'
import styles from './entrance.module.css'

interface Props {
  readonly title: string
  /** Where the back link leads; without it there is none. */
  readonly back?: string
  readonly intro?: ReactNode
  readonly children: ReactNode
}

/** A page before the conversations: one question at a time, in the middle. */
export function Entrance({ title, back, intro, children }: Props) {
  return (
    <main className={styles.page}>
      <title>{`${title} · Sotto`}</title>
      <div className={styles.column}>
        <header className={styles.head}>
          {back ? <IconLink href={back} icon="back" label={t`Back`} /> : <Logo />}
        </header>
        <h1>{title}</h1>
        {intro && <div className={styles.intro}>{intro}</div>}
        {children}
      </div>
    </main>
  )
}
