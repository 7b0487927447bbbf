import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationSummary } from '@sotto/sdk'
import type { ConversationId } from '@sotto/wire'
import { type ReactNode, useState } from 'react'
import { useConversation, useConversations, useTimeline } from '../../../client/hooks/use-view.ts'
import { later } from '../../../later.tsx'
import { Panel as PanelPlace } from '../../../layout/panel.tsx'
import { home, hrefOf, type Panel } from '../../../routes.ts'
import { LinkButton } from '../../../ui/buttons/button.tsx'
import { Boundary } from '../../../ui/notices/boundary.tsx'
import { EmptyState } from '../../../ui/notices/empty-state.tsx'
import { Timeline } from '../../timeline/timeline.tsx'
import { ConversationEnd } from './conversation-end.tsx'
import { ConversationHead } from './conversation-head.tsx'
import styles from './conversation-page.module.css'
import { HiddenRequest } from './hidden-request.tsx'
import { NewMessages } from './new-messages.tsx'
import { NoMessages } from './no-messages.tsx'

const PersonPanel = later(async () => (await import('../../safety/person-panel.tsx')).PersonPanel)
const ServerPanel = later(
  async () => (await import('../../server-view/server-panel.tsx')).ServerPanel,
)

/** A conversation, or a placeholder for it, with the panel beside it. */
export function ConversationPage({ id, panel }: { id: ConversationId; panel: Panel | null }) {
  const isRead = useConversations() !== undefined
  const conversation = useConversation(id)
  const [isRevealed, setIsRevealed] = useState(false)

  if (!conversation) return isRead ? <NotThere /> : <main aria-busy="true" />
  if (conversation.state === 'request' && !isRevealed) {
    return <HiddenRequest id={id} onReveal={() => setIsRevealed(true)} />
  }
  return (
    <>
      <main className={styles.page} data-panel={panel !== null}>
        <Boundary
          failure={t`This conversation’s header can’t be shown.`}
          isLine
          of={[conversation]}
        >
          <ConversationHead conversation={conversation} panel={panel} />
        </Boundary>
        <Boundary failure={t`This conversation can’t be shown.`} around={inMiddle}>
          <Messages conversation={conversation} panel={panel} />
        </Boundary>
        <Boundary failure={t`The message box can’t be shown.`} of={[conversation]}>
          <ConversationEnd conversation={conversation} />
        </Boundary>
      </main>
      {panel && <Beside conversation={conversation} panel={panel} />}
    </>
  )
}

const inMiddle = (words: ReactNode) => (
  <div className={styles.middle}>
    <div className={styles.words}>{words}</div>
  </div>
)

function Beside({ conversation, panel }: { conversation: ConversationSummary; panel: Panel }) {
  const back = { at: 'conversation', id: conversation.id, panel: null } as const
  return (
    <Boundary
      failure={t`This panel can’t be shown.`}
      around={(words) => (
        <PanelPlace title={t`Not available`} back={back}>
          {words}
        </PanelPlace>
      )}
      of={[panel]}
    >
      {panel.show === 'person' && <PersonPanel conversation={conversation} />}
      {panel.show === 'server' && (
        <ServerPanel conversation={conversation} message={panel.message} />
      )}
    </Boundary>
  )
}

function Messages({
  conversation,
  panel,
}: {
  conversation: ConversationSummary
  panel: Panel | null
}) {
  const timeline = useTimeline(conversation.id)
  if (!timeline) return <div className={styles.messages} aria-busy="true" />
  if (timeline.items.length === 0 && !timeline.hasOlder) {
    return <NoMessages conversation={conversation} />
  }
  return (
    <>
      <NewMessages conversation={conversation} timeline={timeline} />
      <Timeline
        conversation={conversation}
        timeline={timeline}
        chosen={panel?.show === 'server' ? panel.message : null}
        marksRead={conversation.state === 'open' || conversation.state === 'waiting'}
      />
    </>
  )
}

function NotThere() {
  return (
    <main className={styles.page}>
      <EmptyState icon="chat" title={t`This conversation isn’t here`}>
        <p>
          <Trans>It may belong to another account, or the address may be incomplete.</Trans>
        </p>
        <LinkButton href={hrefOf(home)}>
          <Trans>All conversations</Trans>
        </LinkButton>
      </EmptyState>
    </main>
  )
}
