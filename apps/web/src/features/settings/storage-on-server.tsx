import type { UsedShare } from '@sotto/sdk'
import { QUOTA_WARNING_SHARE } from '@sotto/wire'
import { useLoaded } from '../../client/use-command.ts'
import { dateOf, exactTimeOf } from '../../ui/moments.ts'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import { roomInWords } from './room-in-words.ts'
import styles from './settings.module.css'
import meter from './storage-on-server.module.css'
import { FullNotice } from './storage-warning.tsx'

/** How much the account has stored on the server, and how much it may. */
export function StorageOnServer() {
  const usage = useLoaded('storage', (commands) => commands.storageUsage())
  if (usage.state === 'loading') return <p aria-busy="true" />
  if (usage.state === 'failed') return <FailureNotice failure={usage.failure} />
  const { bytes, bytesThisHour, conversations, devices, youngUntil } = usage.value
  return (
    <>
      <FullNotice usage={usage.value} />
      {levelOf(bytesThisHour) !== 'fine' && (
        <Notice tone="warn" title="You have sent a great deal in this hour">
          <p>When no more fits into it, messages wait and go out by themselves in the next one.</p>
        </Notice>
      )}
      <Meter title="Messages you sent" share={bytes} inWords={roomInWords} />
      {youngUntil !== null && (
        <p className={styles.quiet}>
          Accounts that are new here have less room. You get more{' '}
          <span title={exactTimeOf(youngUntil)}>on {dateOf(youngUntil)}</span>.
        </p>
      )}
      <Meter title="Conversations you began" share={conversations} />
      <Meter title="Devices, with those you removed" share={devices} />
      <p className={styles.quiet}>
        The server keeps what you send, sealed, so that all your devices can read it. What others
        send you counts for them.
      </p>
    </>
  )
}

function Meter({
  title,
  share,
  inWords = (number) => number.toLocaleString('en'),
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
        <span>
          {inWords(used)} of {inWords(allowed)}
        </span>
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
