import type { ConversationSummary } from '@sotto/sdk'
import { EmptyState } from '../../ui/empty-state.tsx'
import { PersonName } from '../../ui/person-name.tsx'
import styles from './conversation-page.module.css'

/** Before the first message: what is true of this conversation, and what will happen. */
export function NoMessages({ conversation }: { conversation: ConversationSummary }) {
  const { peer, state } = conversation
  return (
    <div className={styles.middle}>
      <EmptyState
        icon="chat"
        title={
          <>
            Only you and <PersonName name={peer.name} /> can read this.
          </>
        }
      >
        <p>
          {state === 'waiting'
            ? 'They get a request with your first message, and see your name when they choose to look.'
            : 'Write the first message.'}
        </p>
      </EmptyState>
    </div>
  )
}
