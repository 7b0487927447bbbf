import { i18n, type MessageDescriptor } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { SessionView, SignUpPolicy } from '@sotto/sdk'
import type { CodeChannel } from '@sotto/wire'
import { hrefOf } from '../../routes.ts'
import { LinkButton } from '../../ui/buttons/button.tsx'
import { Logo } from '../../ui/icons/logo.tsx'
import { Notice } from '../../ui/notices/notice-box.tsx'
import styles from './welcome.module.css'

type Reason = Extract<SessionView, { stage: 'signed_out' }>['reason'] | 'keys_renewed'

const reasons: Record<
  NonNullable<Reason>,
  { title: MessageDescriptor; text: MessageDescriptor }
> = {
  session_ended: {
    title: msg`You’ve been logged out.`,
    text: msg`You, another of your devices, or the people who run this server ended this session, or the server no longer recognizes it. Log in again to continue. Nothing here was deleted.`,
  },
  keys_renewed: {
    title: msg`Your keys were renewed because a device was stolen.`,
    text: msg`That logged out this device, too. Log in again and enter the new recovery code. Nothing here was deleted.`,
  },
  account_suspended: {
    title: msg`Your account is suspended.`,
    text: msg`The people who run this server have blocked logins to it. Contact them. Nothing here was deleted, and it will be here when you can log in again.`,
  },
  account_gone: {
    title: msg`Your account is no longer on this server.`,
    text: msg`The people who run this server removed it or restored an older backup. Contact them. Nothing in this browser was deleted. Once the account is restored, you’ll have access again.`,
  },
  session_lost: {
    title: msg`This server lost your session.`,
    text: msg`The server was restored to an earlier state, for example from a backup. No one logged you out. Log in again to continue. Nothing here was deleted.`,
  },
  storage_lost: {
    title: msg`This browser deleted Sotto’s data.`,
    text: msg`Browsers do this when they run low on space or when site data is cleared. Log in and enter your recovery code to get your messages back.`,
  },
}

const ways = {
  phone: { label: msg`Continue with phone`, icon: 'phone' },
  email: { label: msg`Sign up with email`, icon: 'mail' },
} as const

/** Who may sign up, on servers that aren't open to everyone. */
const doors = {
  invited: {
    tone: 'ok',
    title: msg`You’re invited.`,
    text: msg`Choose how to create your account.`,
  },
  by_members: {
    tone: 'plain',
    title: msg`You need an invitation to join.`,
    text: msg`Ask a member or the people who run this server for a link. Already have an account? Log in.`,
  },
  by_operator: {
    tone: 'plain',
    title: msg`You need an invitation to join.`,
    text: msg`Ask the people who run this server for a link. Already have an account? Log in.`,
  },
  waiting: {
    tone: 'plain',
    title: msg`Your invitation can’t be used right now.`,
    text: msg`This server isn’t accepting new members at the moment. Your invitation is saved in this browser. Ask the people who run the server when you can use it. Already have an account? Log in.`,
  },
  closed: {
    tone: 'plain',
    title: msg`This server isn’t accepting new members.`,
    text: msg`Already have an account? Log in.`,
  },
} as const

function doorOf({ signUp, membersInvite, isInvited }: SignUpPolicy): keyof typeof doors | null {
  if (signUp === 'closed') return isInvited ? 'waiting' : 'closed'
  if (isInvited) return 'invited'
  if (signUp === 'open') return null
  return membersInvite ? 'by_members' : 'by_operator'
}

/** Whether this visitor may create an account. */
export const isOpenTo = ({ signUp, isInvited }: SignUpPolicy): boolean =>
  signUp === 'open' || (signUp === 'invitation' && isInvited)

interface Props {
  readonly reason: Reason
  /** How this server can send codes. */
  readonly channels: readonly CodeChannel[]
  readonly policy: SignUpPolicy
}

/** The first page: what this is, and how to get in. */
export function Welcome({ reason, channels, policy }: Props) {
  const door = doorOf(policy)
  // People who were just logged out have an account, so nothing else is relevant to them.
  const isMember = reason !== undefined && reason !== 'account_gone'
  const isShut = isMember || !isOpenTo(policy)
  // Even if sign-up is closed, people can log in: by phone the same way as signing up, by email below.
  const shown = isShut ? channels.filter((by) => by === 'phone') : channels
  return (
    <main className={styles.page}>
      <title>Sotto</title>
      <div className={styles.column}>
        <Logo size={64} />
        <h1>
          <Trans>
            <span>Message each other.</span> <span>No one in between can read along.</span>
          </Trans>
        </h1>
        <p className={styles.lead}>
          <Trans>
            Sotto encrypts your messages on your device. This server delivers and stores them, but
            can’t open a single one. For each message, you can see exactly what the server sees.
          </Trans>
        </p>
        {reason && (
          <Notice tone="warn" title={i18n._(reasons[reason].title)}>
            <p>{i18n._(reasons[reason].text)}</p>
          </Notice>
        )}
        {door && !isMember && (
          <Notice tone={doors[door].tone} icon="mail" title={i18n._(doors[door].title)}>
            <p>{i18n._(doors[door].text)}</p>
          </Notice>
        )}
        <nav className={styles.ways} aria-label={t`Sign up or log in`}>
          {shown.map((by, n) => (
            <LinkButton
              key={by}
              href={hrefOf({ at: 'sign-up', by })}
              look={n === 0 ? 'main' : 'quiet'}
              icon={ways[by].icon}
              wide
            >
              {isShut ? t`Log in with phone` : i18n._(ways[by].label)}
            </LinkButton>
          ))}
          <LinkButton href={hrefOf({ at: 'log-in' })} look={shown[0] ? 'plain' : 'main'} wide>
            {isShut ? t`Log in with a password` : t`Log in`}
          </LinkButton>
        </nav>
      </div>
    </main>
  )
}
