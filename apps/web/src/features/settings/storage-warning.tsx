import { i18n } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { StorageUsage } from '@sotto/sdk'
import type { ReactNode } from 'react'
import { useLoaded } from '../../client/hooks/use-command.ts'
import { hrefOf } from '../../routes.ts'
import { Notice } from '../../ui/notices/notice.tsx'

/** Warns when server storage is nearly or completely used up; shows nothing otherwise. */
export function StorageWarning() {
  const usage = useLoaded('storage', (commands) => commands.storageUsage())
  // A failure isn't shown here; the storage page itself reports it.
  if (usage.state !== 'loaded') return null
  return (
    <FullNotice usage={usage.value}>
      <p>
        <a href={hrefOf({ at: 'settings', page: 'storage' })}>
          <Trans>See how much you’ve used</Trans>
        </a>
      </p>
    </FullNotice>
  )
}

/** The warning for resources that are nearly or completely used up. */
export function FullNotice({
  usage: { full, near },
  children,
}: {
  usage: Pick<StorageUsage, 'full' | 'near'>
  children?: ReactNode
}) {
  if (full.includes('bytes')) {
    return (
      <Notice tone="danger" title={t`You’ve used all your storage on this server`}>
        <p>
          <Trans>
            You can still receive messages. Messages you write stay on this device as “not sent”
            until the people who run the server give you more storage.
          </Trans>
        </p>
        {children}
      </Notice>
    )
  }
  // Message storage takes precedence: without it nothing can be written.
  const most = near.includes('bytes') ? 'bytes' : (full[0] ?? near[0])
  if (!most) return null
  const title = i18n._(full.includes(most) ? words[most].full : words[most].near)
  return (
    <Notice tone="warn" title={title}>
      <p>{i18n._(words[most].next)}</p>
      {children}
    </Notice>
  )
}

const words = {
  bytes: {
    full: msg`You’ve used all your storage on this server`,
    near: msg`You’ve used almost all your storage on this server`,
    next: msg`Once it’s full, messages you write stay on this device. The people who run the server can give you more storage.`,
  },
  conversations: {
    full: msg`You’ve started as many conversations as this server allows`,
    near: msg`You’ve started almost as many conversations as this server allows`,
    next: msg`Others can still start one with you. The people who run the server can allow more.`,
  },
  devices: {
    full: msg`You have as many devices as this server allows`,
    near: msg`You have almost as many devices as this server allows`,
    next: msg`Devices you removed count, too. The people who run the server can allow more.`,
  },
} as const
