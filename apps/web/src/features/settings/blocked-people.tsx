import type { AccountId } from '@sotto/wire'
import { useCommand, useLoaded } from '../../client/use-command.ts'
import { Avatar } from '../../ui/avatar.tsx'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import { PersonName } from '../../ui/person-name.tsx'
import styles from './settings.module.css'

/** Who is blocked, and the way back. */
export function BlockedPeople() {
  const blocked = useLoaded('blocked', (commands) => commands.listBlocked())
  const unblock = useCommand(async (commands, accountId: AccountId) => {
    await commands.unblock(accountId)
    blocked.reload()
  })
  if (blocked.state === 'loading') return <p aria-busy="true" />
  if (blocked.state === 'failed') return <FailureNotice failure={blocked.failure} />
  if (blocked.value.length === 0) {
    return (
      <EmptyState icon="blocked" title="Nobody is blocked">
        <p>To block somebody, open the conversation and press their name.</p>
      </EmptyState>
    )
  }
  return (
    <>
      <FailureNotice failure={unblock.failure} />
      <ul className={styles.rows}>
        {blocked.value.map((person) => (
          <li key={person.accountId} className={styles.row}>
            <Avatar id={person.accountId} name={person.name} picture={person.picture} />
            <span className={styles.words}>
              <strong>
                <PersonName name={person.name} />
              </strong>
            </span>
            <Button busy={unblock.busy} onClick={() => unblock.run(person.accountId)}>
              Unblock
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}
