import type { SessionView } from '@sotto/sdk'
import type { CodeChannel } from '@sotto/wire'
import { hrefOf } from '../../routes.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Logo } from '../../ui/logo.tsx'
import { Notice } from '../../ui/notice-box.tsx'
import styles from './welcome.module.css'

type Reason = Extract<SessionView, { stage: 'signed_out' }>['reason']

const reasons = {
  session_ended: {
    title: 'This log-in was ended.',
    text: 'You ended it, or one of your other devices did. Log in again to go on; nothing here was deleted.',
  },
  storage_lost: {
    title: 'This browser has lost what Sotto kept in it.',
    text: 'Browsers do that when space is short or data is cleared. Log in, then enter your recovery code: your messages come back.',
  },
} as const

const ways = {
  phone: { label: 'Continue with phone', icon: 'phone' },
  email: { label: 'Sign up with e-mail', icon: 'mail' },
} as const

interface Props {
  readonly reason: Reason
  /** The ways in which this server sends codes. */
  readonly channels: readonly CodeChannel[]
}

/** The first page: what this is, and the ways in. */
export function Welcome({ reason, channels }: Props) {
  return (
    <main className={styles.page}>
      <title>Sotto</title>
      <div className={styles.column}>
        <Logo size={64} />
        <h1>
          <span>Write to each other.</span> <span>Nobody in between can read it.</span>
        </h1>
        <p className={styles.lead}>
          Sotto encrypts on your device. This server passes your messages on and keeps them, and
          cannot open a single one. Beside each of them you can look at what it sees.
        </p>
        {reason && (
          <Notice tone="warn" title={reasons[reason].title}>
            <p>{reasons[reason].text}</p>
          </Notice>
        )}
        <nav className={styles.ways} aria-label="Ways in">
          {channels.map((by, n) => (
            <LinkButton
              key={by}
              href={hrefOf({ at: 'sign-up', by })}
              look={n === 0 ? 'main' : 'quiet'}
              icon={ways[by].icon}
              wide
            >
              {ways[by].label}
            </LinkButton>
          ))}
          <LinkButton href={hrefOf({ at: 'log-in' })} look="plain" wide>
            I have an account: log in
          </LinkButton>
        </nav>
      </div>
    </main>
  )
}
