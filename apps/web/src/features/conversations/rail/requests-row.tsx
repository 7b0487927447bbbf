import { Plural, Trans } from '@lingui/react/macro'
import type { ConversationSummary } from '@sotto/sdk'
import { hrefOf } from '../../../routes.ts'
import { UnknownAvatar } from '../../../ui/people/avatar.tsx'
import { shortMoment } from '../../../ui/text/moments.ts'
import styles from './conversation-row.module.css'

interface Props {
  /** Latest first, and more than one. */
  readonly requests: readonly ConversationSummary[]
  readonly isChosen: boolean
}

/** All requests in one row of the rail, which links to their page. */
export function RequestsRow({ requests, isChosen }: Props) {
  return (
    <a
      className={styles.row}
      href={hrefOf({ at: 'requests' })}
      aria-current={isChosen ? 'page' : undefined}
      data-row
    >
      <UnknownAvatar />
      <span className={styles.first}>
        <span className={styles.name}>
          <Plural value={requests.length} one="# request" other="# requests" />
        </span>
        <time className={styles.time}>{shortMoment(requests[0]?.updatedAt ?? 0)}</time>
      </span>
      <span className={styles.second}>
        <span className={styles.preview}>
          <Trans>from people you don’t know yet</Trans>
        </span>
      </span>
    </a>
  )
}
