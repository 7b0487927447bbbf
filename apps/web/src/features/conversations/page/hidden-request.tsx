import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationId } from '@sotto/wire'
import { useConversations } from '../../../client/hooks/use-view.ts'
import { Bar } from '../../../layout/bar.tsx'
import { home, hrefOf } from '../../../routes.ts'
import { Button } from '../../../ui/buttons/button.tsx'
import { EmptyState } from '../../../ui/notices/empty-state.tsx'
import { isFolded, requestsOf } from '../rail/rail-rows.ts'
import { AnswerButtons } from './answer-request.tsx'
import styles from './conversation-page.module.css'

/** A request that stays hidden until the person wants to see it. */
export function HiddenRequest({ id, onReveal }: { id: ConversationId; onReveal: () => void }) {
  const isOneOfMany = isFolded(requestsOf(useConversations() ?? []))
  return (
    <main className={styles.page}>
      <Bar
        title={t`Request`}
        back={hrefOf(isOneOfMany ? { at: 'requests' } : home)}
        backAlways={isOneOfMany}
      />
      <div className={styles.middle}>
        <EmptyState icon="person" title={t`Someone new wants to message you`}>
          <p>
            <Trans>
              The name, picture, and message are hidden so that no one can force them on you. The
              sender won’t know whether you look.
            </Trans>
          </p>
          <Button look="main" icon="eye" onClick={onReveal}>
            <Trans>Show request</Trans>
          </Button>
          <AnswerButtons id={id} answers={['declined', 'blocked']} />
        </EmptyState>
      </div>
    </main>
  )
}
