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
    <EmptyState icon="chat" title="Whom do you want to write to?">
      <p>
        Anybody with an account on this server. They get a request from you, and see your name only
        if they choose to look.
      </p>
      <LinkButton href={hrefOf({ at: 'new' })} look="main" icon="plus">
        Find somebody
      </LinkButton>
      <p className={styles.invite}>
        Nobody here yet? Send them this address, they sign up in a minute:{' '}
        <bdi>{location.origin}</bdi>
      </p>
      <CopyButton text={location.origin} label="Copy the address" />
    </EmptyState>
  )
}
