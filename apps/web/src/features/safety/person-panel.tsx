import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationSummary } from '@sotto/sdk'
import { Fragment } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Panel } from '../../layout/panel.tsx'
import { Button } from '../../ui/buttons/button.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { Avatar } from '../../ui/people/avatar.tsx'
import { PersonName } from '../../ui/people/person-name.tsx'
import { onlyOther } from '../conversations/participants.ts'
import styles from './person-panel.module.css'
import { ProtocolFacts } from './protocol-facts.tsx'
import { SafetyNumberCard } from './safety-number-card.tsx'

/** Everyone else with their safety numbers, the protocol, and how to block the only other person. */
export function PersonPanel({ conversation }: { conversation: ConversationSummary }) {
  const { id, participants, protocol, state } = conversation
  const block = useCommand((commands) => commands.answerRequest(id, 'blocked'))
  return (
    <Panel title={t`Contact`} back={{ at: 'conversation', id, panel: null }}>
      {participants.map((contact) => (
        <Fragment key={contact.accountId}>
          <div className={styles.person}>
            <Avatar
              id={contact.accountId}
              name={contact.name}
              picture={contact.picture}
              size="large"
            />
            <h3>
              <PersonName name={contact.name} />
            </h3>
          </div>
          <SafetyNumberCard contact={contact} />
        </Fragment>
      ))}
      <section className={styles.section}>
        <h3>
          <Trans>This conversation uses “{protocol}”</Trans>
        </h3>
        <ProtocolFacts protocol={protocol} />
      </section>
      {onlyOther(conversation) && state !== 'blocked' && (
        <section className={styles.section}>
          <Button look="danger" icon="blocked" busy={block.busy} onClick={() => block.run()}>
            <Trans>Block</Trans>
          </Button>
          <p>
            <Trans>
              You won’t receive anything from them. They aren’t notified, but they’ll find out when
              they message you, because their messages aren’t accepted.
            </Trans>
          </p>
          <FailureNotice failure={block.failure} />
        </section>
      )}
    </Panel>
  )
}
