import { t } from '@lingui/core/macro'
import type { ConversationSummary, Message } from '@sotto/sdk'
import type { EnvelopeId } from '@sotto/wire'
import { useState } from 'react'
import { useLoaded } from '../../client/hooks/use-command.ts'
import { useTimeline } from '../../client/hooks/use-view.ts'
import { Panel } from '../../layout/panel.tsx'
import { IconButton } from '../../ui/buttons/button.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { Dialog } from '../../ui/overlays/dialog.tsx'
import { ServerSide } from './server-side.tsx'
import styles from './server-view.module.css'
import { YourSide } from './your-side.tsx'

interface Props {
  readonly conversation: ConversationSummary
  readonly message: EnvelopeId
}

/** The same message twice: as the two people see it, and as the server stores it. */
export function ServerPanel({ conversation, message }: Props) {
  const [isWide, setIsWide] = useState(false)
  const { id } = conversation
  return (
    <Panel
      title={t`What the server sees`}
      back={{ at: 'conversation', id, panel: null }}
      extra={
        <IconButton
          icon="expand"
          label={t`Side by side`}
          className={styles['wide-only']}
          onClick={() => setIsWide(true)}
        />
      }
    >
      <BothSides conversation={conversation} message={message} />
      <Dialog
        open={isWide}
        onClose={() => setIsWide(false)}
        title={t`What you see, and what the server sees`}
        wide
      >
        <div className={styles['side-by-side']}>
          <BothSides conversation={conversation} message={message} />
        </div>
      </Dialog>
    </Panel>
  )
}

function BothSides({ conversation, message }: Props) {
  const shown = useMessage(conversation, message)
  // Reloaded when the message is accepted, because the server has no row before that.
  const view = useLoaded(`${message} ${shown?.seq ?? ''}`, (commands) =>
    commands.serverView(conversation.id, message),
  )
  if (view.state === 'loading') return <p aria-busy="true" />
  if (view.state === 'failed') return <FailureNotice failure={view.failure} />
  return (
    <>
      <YourSide view={view.value} message={shown} conversation={conversation} />
      <ServerSide view={view.value} />
    </>
  )
}

function useMessage(conversation: ConversationSummary, id: EnvelopeId): Message | undefined {
  const found = useTimeline(conversation.id)?.items.find(
    (item) => item.kind === 'message' && item.id === id,
  )
  return found?.kind === 'message' ? found : undefined
}
