import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useLoaded } from '../../../client/hooks/use-command.ts'
import { useConversations } from '../../../client/hooks/use-view.ts'
import { hrefOf } from '../../../routes.ts'
import { LinkButton } from '../../../ui/buttons/button.tsx'
import { CopyButton } from '../../../ui/buttons/copy-button.tsx'
import { EmptyState } from '../../../ui/notices/empty-state.tsx'
import styles from './nothing-chosen.module.css'

/** Shown beside the rail while no conversation is open. */
export function NothingChosen() {
  const isNew = useConversations()?.length === 0
  return <div className={styles.page}>{isNew ? <FirstSteps /> : <ChooseOne />}</div>
}

function ChooseOne() {
  return (
    <EmptyState icon="chat" title={t`Choose a conversation`}>
      <p>
        <Trans>
          Or press <kbd>Ctrl</kbd> <kbd>K</kbd> and type a name.
        </Trans>
      </p>
    </EmptyState>
  )
}

function FirstSteps() {
  return (
    <EmptyState icon="chat" title={t`Who would you like to message?`}>
      <p>
        <Trans>
          You can message anyone with an account on this server. They’ll get a request and won’t see
          your name until they open it.
        </Trans>
      </p>
      <LinkButton href={hrefOf({ at: 'new' })} look="main" icon="plus">
        <Trans>Find someone</Trans>
      </LinkButton>
      <HowOthersJoin />
    </EmptyState>
  )
}

/** How people without an account can join; empty until that is known. */
function HowOthersJoin() {
  const policy = useLoaded('sign-up policy', (commands) => commands.signUpPolicy())
  if (policy.state !== 'loaded') return null
  const { signUp, membersInvite } = policy.value
  const { origin } = location
  if (membersInvite) {
    return (
      <>
        <p className={styles.invite}>
          <Trans>Not here yet? Invite them with a link.</Trans>
        </p>
        <LinkButton href={hrefOf({ at: 'settings', page: 'invitations' })}>
          <Trans>Invite people</Trans>
        </LinkButton>
      </>
    )
  }
  if (signUp !== 'open') {
    return (
      <p className={styles.invite}>
        {signUp === 'closed'
          ? t`This server isn’t accepting new members.`
          : t`Not here yet? The people who run this server can send them an invitation.`}
      </p>
    )
  }
  return (
    <>
      <p className={styles.invite}>
        <Trans>
          Not here yet? Send them this address. Anyone can sign up: <bdi>{origin}</bdi>
        </Trans>
      </p>
      <CopyButton text={origin} label={t`Copy address`} />
    </>
  )
}
