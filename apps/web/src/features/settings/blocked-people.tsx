import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { AccountId } from '@sotto/wire'
import { useCommand, useLoaded } from '../../client/hooks/use-command.ts'
import styles from '../../layout/sections.module.css'
import { Button } from '../../ui/buttons/button.tsx'
import { EmptyState } from '../../ui/notices/empty-state.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { Avatar } from '../../ui/people/avatar.tsx'
import { PersonName } from '../../ui/people/person-name.tsx'

/** Lists blocked people, and unblocks them. */
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
      <EmptyState icon="blocked" title={t`You haven’t blocked anyone`}>
        <p>
          <Trans>To block someone, open the conversation and select their name.</Trans>
        </p>
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
              <Trans>Unblock</Trans>
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}
