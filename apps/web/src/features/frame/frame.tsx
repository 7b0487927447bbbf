import { t } from '@lingui/core/macro'
import { useCallback, useState } from 'react'
import { useConversations } from '../../client/hooks/use-view.ts'
import { later } from '../../later.tsx'
import type { Route } from '../../routes.ts'
import { asPage, Boundary } from '../../ui/notices/boundary.tsx'
import { ConversationPage } from '../conversations/page/conversation-page.tsx'
import { NothingChosen } from '../conversations/page/nothing-chosen.tsx'
import { ConversationRail } from '../conversations/rail/conversation-rail.tsx'
import { ConnectionBanner } from './connection-banner.tsx'
import { DoubtBanner } from './doubt-banner.tsx'
import styles from './frame.module.css'
import { JumpTo } from './jump-to.tsx'
import { NewDeviceBanner } from './new-device-banner.tsx'
import { OwnKeyBanner } from './own-key-banner.tsx'
import { StorageBanner } from './storage-banner.tsx'
import { useShortcut } from './use-shortcut.ts'
import { WaitingKeysBanner } from './waiting-keys-banner.tsx'

const NewConversation = later(
  async () => (await import('../new-conversation/new-conversation.tsx')).NewConversation,
)
const Requests = later(async () => (await import('../requests/requests.tsx')).Requests)
const Settings = later(async () => (await import('../settings/settings.tsx')).Settings)

/** The conversation rail, the chosen page, and its panel beside it. */
export function Frame({ route }: { route: Route }) {
  const [isJumping, setIsJumping] = useState(false)
  useShortcut(
    'k',
    useCallback(() => setIsJumping(true), []),
  )
  const isHome = !['conversation', 'new', 'requests', 'settings'].includes(route.at)
  return (
    <div className={styles.frame} data-showing={isHome ? 'rail' : 'main'}>
      {notices.map(([name, Shown]) => (
        <Boundary key={name} failure={t`A notice can’t be shown.`} isLine>
          <Shown />
        </Boundary>
      ))}
      <div className={styles.columns} role={isHome ? 'main' : undefined}>
        <ConversationRail route={route} onJump={() => setIsJumping(true)} />
        <Boundary failure={t`This page can’t be shown.`} around={asPage} of={[route]}>
          <Place route={route} />
        </Boundary>
      </div>
      <JumpTo open={isJumping} onClose={() => setIsJumping(false)} />
    </div>
  )
}

function Place({ route }: { route: Route }) {
  switch (route.at) {
    case 'conversation':
      return <ConversationPage key={route.id} id={route.id} panel={route.panel} />
    case 'new':
      return <NewConversation />
    case 'requests':
      return <Requests />
    case 'settings':
      return <Settings page={route.page} />
    default:
      return <NothingChosen />
  }
}

function WindowTitle() {
  const unread = (useConversations() ?? [])
    .filter(({ state }) => state === 'open' || state === 'request')
    .reduce((sum, conversation) => sum + Math.min(conversation.unread, 1), 0)
  return <title>{unread > 0 ? `(${unread}) Sotto` : 'Sotto'}</title>
}

const notices = [
  ['title', WindowTitle],
  ['storage', StorageBanner],
  ['connection', ConnectionBanner],
  ['own-key', OwnKeyBanner],
  ['waiting-keys', WaitingKeysBanner],
  ['new-device', NewDeviceBanner],
  ['doubt', DoubtBanner],
] as const
