import type { SessionView, SignUpPolicy } from '@sotto/sdk'
import type { CodeChannel } from '@sotto/wire'
import { hrefOf } from '../../routes.ts'
import { LinkButton } from '../../ui/button.tsx'
import { Logo } from '../../ui/logo.tsx'
import { Notice } from '../../ui/notice-box.tsx'
import styles from './welcome.module.css'

type Reason = Extract<SessionView, { stage: 'signed_out' }>['reason'] | 'keys_renewed'

const reasons = {
  session_ended: {
    title: 'This log-in has ended.',
    text: 'You ended it, one of your other devices did, whoever runs this server did, or the server no longer knows it. Log in again to go on; nothing here was deleted.',
  },
  keys_renewed: {
    title: 'Your keys were renewed, because a device was stolen.',
    text: 'That logged this one out, too. Log in again and enter the new recovery code; nothing here was deleted.',
  },
  account_suspended: {
    title: 'Your account is suspended.',
    text: 'Whoever runs this server lets nobody log in with it. Ask them. Nothing here was deleted: it is back when you log in again.',
  },
  account_gone: {
    title: 'Your account is not on this server any more.',
    text: 'Whoever runs this server has removed it, or put back an older backup. Ask them. Nothing in this browser was deleted, and you are back in as soon as the account is there again.',
  },
  session_lost: {
    title: 'This server has lost your log-in.',
    text: 'It was set back to an earlier state, as from a backup. Nobody logged you out. Log in again to go on; nothing here was deleted.',
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

/** Who is let in, where that is not everybody. */
const doors = {
  invited: {
    tone: 'ok',
    title: 'You are invited.',
    text: 'Make your account in one of these ways.',
  },
  by_members: {
    tone: 'plain',
    title: 'You need an invitation to join.',
    text: 'Ask a member, or whoever runs this server, for a link. If you have an account, log in.',
  },
  by_operator: {
    tone: 'plain',
    title: 'You need an invitation to join.',
    text: 'Ask whoever runs this server for a link. If you have an account, log in.',
  },
  waiting: {
    tone: 'plain',
    title: 'Your invitation does not count at the moment.',
    text: 'This server takes no new members now, and this browser keeps the invitation. Ask whoever runs the server when it counts. If you have an account, log in.',
  },
  closed: {
    tone: 'plain',
    title: 'This server takes no new members.',
    text: 'If you have an account, log in.',
  },
} as const

function doorOf({ signUp, membersInvite, isInvited }: SignUpPolicy): keyof typeof doors | null {
  if (signUp === 'closed') return isInvited ? 'waiting' : 'closed'
  if (isInvited) return 'invited'
  if (signUp === 'open') return null
  return membersInvite ? 'by_members' : 'by_operator'
}

/** Whether whoever is here may make an account. */
export const isOpenTo = ({ signUp, isInvited }: SignUpPolicy): boolean =>
  signUp === 'open' || (signUp === 'invitation' && isInvited)

interface Props {
  readonly reason: Reason
  /** The ways in which this server sends codes. */
  readonly channels: readonly CodeChannel[]
  readonly policy: SignUpPolicy
}

/** The first page: what this is, and the ways in. */
export function Welcome({ reason, channels, policy }: Props) {
  const door = doorOf(policy)
  // Whoever was logged in here until now has an account, and needs to hear of that alone.
  const isMember = reason !== undefined && reason !== 'account_gone'
  const isShut = isMember || !isOpenTo(policy)
  // Whoever makes no account may log in: by phone in the same way as signing up, by e-mail below.
  const shown = isShut ? channels.filter((by) => by === 'phone') : channels
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
        {door && !isMember && (
          <Notice tone={doors[door].tone} icon="mail" title={doors[door].title}>
            <p>{doors[door].text}</p>
          </Notice>
        )}
        <nav className={styles.ways} aria-label="Ways in">
          {shown.map((by, n) => (
            <LinkButton
              key={by}
              href={hrefOf({ at: 'sign-up', by })}
              look={n === 0 ? 'main' : 'quiet'}
              icon={ways[by].icon}
              wide
            >
              {isShut ? 'Log in by phone' : ways[by].label}
            </LinkButton>
          ))}
          <LinkButton href={hrefOf({ at: 'log-in' })} look={shown[0] ? 'plain' : 'main'} wide>
            {isShut ? 'Log in with a password' : 'I have an account: log in'}
          </LinkButton>
        </nav>
      </div>
    </main>
  )
}
