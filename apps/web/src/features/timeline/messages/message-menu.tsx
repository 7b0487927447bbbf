import { t } from '@lingui/core/macro'
import type { ConversationId } from '@sotto/wire'
import { useClient } from '../../../client/hooks/client-context.tsx'
import { navigate } from '../../../routes.ts'
import { Menu, type MenuEntry } from '../../../ui/overlays/menu.tsx'
import type { ChosenMessage } from './use-message-menu.ts'

interface Props {
  readonly conversationId: ConversationId
  readonly chosen: ChosenMessage | null
  readonly onClose: () => void
}

/** The actions for a message. */
export function MessageMenu({ conversationId, chosen, onClose }: Props) {
  const { commands } = useClient()
  return (
    <Menu
      label={t`Message actions`}
      opened={chosen}
      entries={chosen ? entriesOf(chosen) : []}
      onClose={onClose}
    />
  )

  function entriesOf({ message }: ChosenMessage): MenuEntry[] {
    const { id, text, status } = message
    const entries: MenuEntry[] = [
      {
        label: t`What the server sees`,
        icon: 'server',
        act: () =>
          navigate({
            at: 'conversation',
            id: conversationId,
            panel: { show: 'server', message: id },
          }),
      },
      { label: t`Copy text`, icon: 'copy', act: () => void navigator.clipboard.writeText(text) },
    ]
    if (status !== 'failed') return entries
    // The timeline shows the outcome.
    return [
      { label: t`Send again`, icon: 'retry', act: () => void commands.retry(conversationId, id) },
      ...entries,
      {
        label: t`Discard`,
        icon: 'trash',
        tone: 'danger',
        act: () => void commands.discard(conversationId, id),
      },
    ]
  }
}
