import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationSummary } from '@sotto/sdk'
import { PROTOCOL_PROPERTIES, type Protocol } from '@sotto/wire'
import { conversationHref, home, hrefOf, type Panel } from '../../../routes.ts'
import { IconLink } from '../../../ui/buttons/button.tsx'
import { Tag } from '../../../ui/icons/tag.tsx'

import { ConversationAvatar } from '../conversation-avatar.tsx'
import { trustIn } from '../participants.ts'
import { PeopleNames } from '../people-names.tsx'

import styles from './conversation-head.module.css'

interface Props {
  readonly conversation: ConversationSummary
  readonly panel: Panel | null
}

/** The other person, the protocol, and a link to more about both. */
export function ConversationHead({ conversation, panel }: Props) {
  const { id, participants, protocol, typing } = conversation
  const trust = trustIn(conversation)
  const isPanel = panel?.show === 'person'
  return (
    <header className={styles.head}>
      <span className={styles.back}>
        <IconLink href={hrefOf(home)} icon="back" label={t`Back to all conversations`} />
      </span>
      <a
        className={styles.person}
        href={conversationHref(id, isPanel ? null : { show: 'person' })}
        title={t`Contact details and safety number`}
      >
        <ConversationAvatar conversation={conversation} size="small" />
        <span className={styles.words}>
          <span className={styles.first}>
            <h1>
              <PeopleNames people={participants} />
            </h1>
            {trust === 'verified' && (
              <Tag tone="ok" icon="verified">
                <Trans>verified</Trans>
              </Tag>
            )}
            {trust === 'key_changed' && (
              <Tag tone="warn" icon="warning">
                <Trans>new key</Trans>
              </Tag>
            )}
          </span>
          <span className={styles.second}>
            {typing ? (
              <span className={styles.typing}>
                <Trans>typing…</Trans>
              </span>
            ) : (
              protection(protocol)
            )}
          </span>
        </span>
      </a>
      <IconLink
        href={conversationHref(id, isPanel ? null : { show: 'person' })}
        icon="verified"
        label={t`Safety number`}
      />
    </header>
  )
}

function protection(protocol: Protocol): string {
  const { forwardSecrecy } = PROTOCOL_PROPERTIES[protocol]
  return forwardSecrecy ? protocol : t`${protocol} · no forward secrecy`
}
