import { i18n } from '@lingui/core'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { UsedShare } from '@sotto/sdk'
import { QUOTA_WARNING_SHARE } from '@sotto/wire'
import { useLoaded } from '../../client/hooks/use-command.ts'
import styles from '../../layout/sections.module.css'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { dateOf, exactTimeOf } from '../../ui/text/moments.ts'
import { roomInWords } from './room-in-words.ts'
import meter from './storage-on-server.module.css'
import { FullNotice } from './storage-warning.tsx'

/** How much the account has stored on the server, and the limits. */
export function StorageOnServer() {
  const usage = useLoaded('storage', (commands) => commands.storageUsage())
  if (usage.state === 'loading') return <p aria-busy="true" />
  if (usage.state === 'failed') return <FailureNotice failure={usage.failure} />
  const { bytes, bytesThisHour, conversations, devices, youngUntil } = usage.value
  return (
    <>
      <FullNotice usage={usage.value} />
      {levelOf(bytesThisHour) !== 'fine' && (
        <Notice tone="warn" title={t`You’ve sent a lot in the past hour`}>
          <p>
            <Trans>
              Once you reach the hourly limit, messages wait and are sent automatically in the next
              hour.
            </Trans>
          </p>
        </Notice>
      )}
      <Meter title={t`Messages you’ve sent`} share={bytes} inWords={roomInWords} />
      {youngUntil !== null && (
        <p className={styles.quiet}>
          <Trans>
            New accounts have less storage. You’ll get more on{' '}
            <span title={exactTimeOf(youngUntil)}>{dateOf(youngUntil)}</span>.
          </Trans>
        </p>
      )}
      <Meter title={t`Conversations you’ve started`} share={conversations} />
      <Meter title={t`Devices, including removed ones`} share={devices} />
      <p className={styles.quiet}>
        <Trans>
          The server stores the messages you send, encrypted, so that all your devices can read
          them. Messages you receive count toward their senders’ storage.
        </Trans>
      </p>
    </>
  )
}

function Meter({
  title,
  share,
  inWords = (number) => i18n.number(number),
}: {
  title: string
  share: UsedShare
  inWords?: (number: number) => string
}) {
  const { used, allowed } = share
  return (
    <div className={meter.share} data-level={levelOf(share)}>
      <p>
        <strong>{title}</strong>
        <span>{t`${{ used: inWords(used) }} of ${{ allowed: inWords(allowed) }}`}</span>
      </p>
      <svg width="100%" height="6" aria-hidden="true">
        <rect className={meter.track} width="100%" height="6" rx="3" />
        {used > 0 && <rect width={`${Math.max(0.6, 100 * partOf(share))}%`} height="6" rx="3" />}
      </svg>
    </div>
  )
}

function levelOf(share: UsedShare): 'fine' | 'near' | 'full' {
  if (share.used >= share.allowed) return 'full'
  return partOf(share) >= QUOTA_WARNING_SHARE ? 'near' : 'fine'
}

const partOf = ({ used, allowed }: UsedShare): number =>
  allowed > 0 ? Math.min(1, used / allowed) : 1
