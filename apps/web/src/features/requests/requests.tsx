import { Virtualizer } from 'virtua'
import { useConversations } from '../../client/use-view.ts'
import { home, hrefOf } from '../../routes.ts'
import { moveFocus } from '../../ui/arrow-keys.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { ConversationRow } from '../conversations/conversation-row.tsx'
import { requestsOf } from '../conversations/rail-rows.ts'
import { Bar } from '../frame/bar.tsx'
import styles from './requests.module.css'

/** Everybody new who wants to write, latest first. */
export function Requests() {
  const requests = requestsOf(useConversations() ?? [])
  return (
    <main className={styles.page}>
      <Bar title="Requests" back={hrefOf(home)} />
      {requests.length === 0 ? (
        <EmptyState icon="person" title="Nobody is waiting for an answer">
          <p>When somebody new wants to write to you, you see it in the list.</p>
        </EmptyState>
      ) : (
        <>
          <p className={styles.intro}>
            You see no names, no pictures and no texts here until you choose to look.
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
