import { useLoaded } from '../../client/use-command.ts'
import { useConversations } from '../../client/use-view.ts'
import { hrefOf } from '../../routes.ts'
import { LinkButton } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import styles from './nothing-chosen.module.css'

/** Beside the rail, while no conversation is open. */
export function NothingChosen() {
  const isNew = useConversations()?.length === 0
  return <div className={styles.page}>{isNew ? <FirstSteps /> : <ChooseOne />}</div>
}

function ChooseOne() {
  return (
    <EmptyState icon="chat" title="Choose a conversation">
      <p>
        Or press <kbd>Ctrl</kbd> <kbd>K</kbd> and type a name.
      </p>
    </EmptyState>
  )
}

function FirstSteps() {
  return (
    <EmptyState icon="chat" title="Who do you want to write to?">
      <p>
        Anybody with an account on this server. They get a request from you, and do not see your
        name until they open it.
      </p>
      <LinkButton href={hrefOf({ at: 'new' })} look="main" icon="plus">
        Find somebody
      </LinkButton>
      <HowOthersJoin />
    </EmptyState>
  )
}

/** How people come here who have no account yet; nothing until it is known. */
function HowOthersJoin() {
  const policy = useLoaded('sign-up policy', (commands) => commands.signUpPolicy())
  if (policy.state !== 'loaded') return null
  const { signUp, membersInvite } = policy.value
  if (membersInvite) {
    return (
      <>
        <p className={styles.invite}>Are they not here yet? Invite them with a link.</p>
        <LinkButton href={hrefOf({ at: 'settings', page: 'invitations' })}>
          Invite people
        </LinkButton>
      </>
    )
  }
  if (signUp !== 'open') {
    return (
      <p className={styles.invite}>
        {signUp === 'closed'
          ? 'This server takes no new members.'
          : 'Are they not here yet? Whoever runs this server can send them an invitation.'}
      </p>
    )
  }
  return (
    <>
      <p className={styles.invite}>
        Are they not here yet? Send them this address. Anybody can sign up:{' '}
        <bdi>{location.origin}</bdi>
      </p>
      <CopyButton text={location.origin} label="Copy the address" />
    </>
  )
}
