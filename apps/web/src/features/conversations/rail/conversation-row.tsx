import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ContactView, ConversationSummary } from '@sotto/sdk'
import { conversationHref } from '../../../routes.ts'
import { Icon } from '../../../ui/icons/icon.tsx'
import { UnknownAvatar } from '../../../ui/people/avatar.tsx'
import { shortMoment } from '../../../ui/text/moments.ts'
import { shorten } from '../../../ui/text/shorten.ts'
import { lineOf } from '../../timeline/messages/content-line.ts'
import { DeliveryMark } from '../../timeline/messages/delivery-mark.tsx'
import { ConversationAvatar } from '../conversation-avatar.tsx'
import { trustIn } from '../participants.ts'
import { PeopleNames } from '../people-names.tsx'
import styles from './conversation-row.module.css'

const PREVIEW_CHARS = 120

interface Props {
  readonly conversation: ConversationSummary
  readonly isChosen: boolean
  readonly isTwin: boolean
}

/** One conversation in the rail. For a request it shows only that there is one. */
export function ConversationRow({ conversation, isChosen, isTwin }: Props) {
  const { id, participants, protocol, state, unread, updatedAt } = conversation
  const isRequest = state === 'request'
  return (
    <a
      className={styles.row}
      href={conversationHref(id)}
      aria-current={isChosen ? 'page' : undefined}
      data-row
    >
      {isRequest ? <UnknownAvatar /> : <ConversationAvatar conversation={conversation} />}
      <span className={styles.first}>
        <span className={styles.name}>
          {isRequest ? t`Someone new` : <PeopleNames people={participants} />}
        </span>
        {isTwin && !isRequest && <small className={styles.protocol}>{protocol}</small>}
        <TrustMark trust={isRequest ? 'unverified' : trustIn(conversation)} />
        <time className={styles.time}>{shortMoment(updatedAt)}</time>
      </span>
      <span className={styles.second}>
        <span className={styles.preview}>
          <Preview conversation={conversation} />
        </span>
        {unread > 0 && <Unread count={unread} />}
      </span>
    </a>
  )
}

function Preview({ conversation }: Pick<Props, 'conversation'>) {
  const { state, typing, draft, last, lastStatus } = conversation
  if (state === 'request') return t`wants to message you`
  if (typing)
    return (
      <span className={styles.typing}>
        <Trans>typing…</Trans>
      </span>
    )
  if (draft) {
    return (
      <>
        <span className={styles.draft}>
          <Trans>Draft:</Trans>
        </span>{' '}
        <bdi>{firstLine(draft)}</bdi>
      </>
    )
  }
  if (!last) return state === 'waiting' ? t`No answer yet` : t`No messages yet`
  return (
    <>
      {last.mine && lastStatus && <DeliveryMark status={lastStatus} />}
      <bdi>{firstLine(lineOf(last))}</bdi>
    </>
  )
}

function TrustMark({ trust }: { trust: ContactView['trust'] }) {
  if (trust === 'unverified') return null
  const isVerified = trust === 'verified'
  return (
    <span
      className={styles.trust}
      data-trust={trust}
      role="img"
      aria-label={isVerified ? t`verified` : t`new key`}
      title={isVerified ? t`Verified` : t`Key changed`}
    >
      <Icon name={isVerified ? 'verified' : 'warning'} size={14} />
    </span>
  )
}

function Unread({ count }: { count: number }) {
  return (
    <span className={styles.unread}>
      {count > 99 ? '99+' : count}
      <span className="visually-hidden">
        {' '}
        <Trans>unread</Trans>
      </span>
    </span>
  )
}

const firstLine = (text: string): string =>
  shorten(text.trimStart(), PREVIEW_CHARS).split('\n', 1)[0] ?? ''
