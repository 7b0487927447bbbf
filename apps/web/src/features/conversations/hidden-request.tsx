import type { ConversationId } from '@sotto/wire'
import { useConversations } from '../../client/use-view.ts'
import { home, hrefOf } from '../../routes.ts'
import { Button } from '../../ui/button.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Bar } from '../frame/bar.tsx'
import { AnswerButtons } from './answer-request.tsx'
import styles from './conversation-page.module.css'
import { isFolded, requestsOf } from './rail-rows.ts'

/** A request of which nothing is shown until the person wants to see it. */
export function HiddenRequest({ id, onReveal }: { id: ConversationId; onReveal: () => void }) {
  const isOneOfMany = isFolded(requestsOf(useConversations() ?? []))
  return (
    <main className={styles.page}>
      <Bar
        title="Request"
        back={hrefOf(isOneOfMany ? { at: 'requests' } : home)}
        backAlways={isOneOfMany}
      />
      <div className={styles.middle}>
        <EmptyState icon="person" title="Somebody new wants to write to you">
          <p>
            You see no name, no picture and no text yet, so that nobody can force any of them on
            you. They do not learn whether you look.
          </p>
          <Button look="main" icon="eye" onClick={onReveal}>
            Show who it is
          </Button>
          <AnswerButtons id={id} answers={['declined', 'blocked']} />
        </EmptyState>
      </div>
    </main>
  )
}
