import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Virtualizer } from 'virtua'
import { useConversations } from '../../client/hooks/use-view.ts'
import { Bar } from '../../layout/bar.tsx'
import { home, hrefOf } from '../../routes.ts'
import { moveFocus } from '../../ui/keyboard/arrow-keys.ts'
import { EmptyState } from '../../ui/notices/empty-state.tsx'
import { ConversationRow } from '../conversations/rail/conversation-row.tsx'
import { requestsOf } from '../conversations/rail/rail-rows.ts'
import styles from './requests.module.css'

/** All requests from new people, latest first. */
export function Requests() {
  const requests = requestsOf(useConversations() ?? [])
  return (
    <main className={styles.page}>
      <Bar title={t`Requests`} back={hrefOf(home)} />
      {requests.length === 0 ? (
        <EmptyState icon="person" title={t`No requests`}>
          <p>
            <Trans>When someone new wants to message you, you’ll see it here.</Trans>
          </p>
        </EmptyState>
      ) : (
        <>
          <p className={styles.intro}>
            <Trans>Names, pictures, and messages are hidden until you choose to look.</Trans>
          </p>
          {/* biome-ignore lint/a11y/noStaticElementInteractions: it only moves the focus between its links */}
          <div className={styles.list} onKeyDown={moveFocus('a[data-row]')}>
            <Virtualizer data={requests} as="ul" item="li" itemSize={68}>
              {(request) => (
                <ConversationRow
                  key={request.id}
                  conversation={request}
                  isChosen={false}
                  isTwin={false}
                />
              )}
            </Virtualizer>
          </div>
        </>
      )}
    </main>
  )
}
