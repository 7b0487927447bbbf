import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationSummary } from '@sotto/sdk'
import { EmptyState } from '../../../ui/notices/empty-state.tsx'
import { PeopleNames } from '../people-names.tsx'
import styles from './conversation-page.module.css'

/** Shown before the first message: the state of this conversation, and what happens next. */
export function NoMessages({ conversation }: { conversation: ConversationSummary }) {
  const { participants, state } = conversation
  return (
    <div className={styles.middle}>
      <EmptyState
        icon="chat"
        title={
          <Trans>
            Only you and <PeopleNames people={participants} /> can read this.
          </Trans>
        }
      >
        <p>
          {state === 'waiting'
            ? t`They’ll get a request with your first message. They’ll see your name when they open it.`
            : t`Send the first message.`}
        </p>
      </EmptyState>
    </div>
  )
}
