import type { StorageUsage } from '@sotto/sdk'
import type { ReactNode } from 'react'
import { useLoaded } from '../../client/use-command.ts'
import { hrefOf } from '../../routes.ts'
import { Notice } from '../../ui/notice.tsx'

/** Says so when the room on the server is nearly used up, or is; nothing otherwise. */
export function StorageWarning() {
  const usage = useLoaded('storage', (commands) => commands.storageUsage())
  // Nobody asked for it here: the page itself says when it cannot be read.
  if (usage.state !== 'loaded') return null
  return (
    <FullNotice usage={usage.value}>
      <p>
        <a href={hrefOf({ at: 'settings', page: 'storage' })}>See how much is used</a>
      </p>
    </FullNotice>
  )
}

/** What is nearly full, or full, in words. */
export function FullNotice({
  usage: { full, near },
  children,
}: {
  usage: Pick<StorageUsage, 'full' | 'near'>
  children?: ReactNode
}) {
  if (full.includes('bytes')) {
    return (
      <Notice tone="danger" title="Your room on this server is used up">
        <p>
          You still receive messages. What you write stays on this device as “not sent” until
          whoever runs the server gives you more room.
        </p>
        {children}
      </Notice>
    )
  }
  // Room for messages before all else: without it nothing can be written.
  const most = near.includes('bytes') ? 'bytes' : (full[0] ?? near[0])
  if (!most) return null
  const title = full.includes(most) ? words[most].full : words[most].near
  return (
    <Notice tone="warn" title={title}>
      <p>{words[most].next}</p>
      {children}
    </Notice>
  )
}

const words = {
  bytes: {
    full: 'Your room on this server is used up',
    near: 'Your room on this server is nearly used up',
    next: 'When it is, what you write stays on this device. Whoever runs the server can give you more room.',
  },
  conversations: {
    full: 'You have begun as many conversations as this server allows',
    near: 'You have begun nearly as many conversations as this server allows',
    next: 'Others can still begin one with you. Whoever runs the server can allow more.',
  },
  devices: {
    full: 'You have as many devices as this server allows',
    near: 'You have nearly as many devices as this server allows',
    next: 'Those that you removed count as well. Whoever runs the server can allow more.',
  },
} as const
