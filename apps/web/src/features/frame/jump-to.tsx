import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import { useConversations } from '../../client/hooks/use-view.ts'
import { conversationHref, hrefOf } from '../../routes.ts'
import { Field } from '../../ui/forms/field.tsx'
import { Icon, type IconName } from '../../ui/icons/icon.tsx'
import { moveFocus } from '../../ui/keyboard/arrow-keys.ts'
import { Dialog } from '../../ui/overlays/dialog.tsx'
import { ConversationAvatar } from '../conversations/conversation-avatar.tsx'
import { titleOf } from '../conversations/participants.ts'
import { PeopleNames } from '../conversations/people-names.tsx'
import { matches } from '../conversations/rail/match.ts'
import styles from './jump-to.module.css'

const MAX_SHOWN = 8

const places = (): readonly { title: string; icon: IconName; href: string }[] => [
  { title: t`New conversation`, icon: 'plus', href: hrefOf({ at: 'new' }) },
  { title: t`Settings`, icon: 'settings', href: hrefOf({ at: 'settings', page: null }) },
  {
    title: t`Devices and sessions`,
    icon: 'devices',
    href: hrefOf({ at: 'settings', page: 'devices' }),
  },
  { title: t`Recovery code`, icon: 'key', href: hrefOf({ at: 'settings', page: 'recovery' }) },
  { title: t`Appearance`, icon: 'sun', href: hrefOf({ at: 'settings', page: 'appearance' }) },
]

/** Jumps anywhere after a few typed letters. */
export function JumpTo({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={t`Go to`}>
      <Places onClose={onClose} />
    </Dialog>
  )
}

function Places({ onClose }: { onClose: () => void }) {
  const [wanted, setWanted] = useState('')
  const conversations = (useConversations() ?? [])
    .filter((one) => one.state !== 'request' && matches(titleOf(one), wanted))
    .slice(0, MAX_SHOWN)
  const found = places().filter(({ title }) => matches(title, wanted))
  const first = conversations[0] ? conversationHref(conversations[0].id) : found[0]?.href

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only moves the focus between its links
    <div className={styles.places} onKeyDown={moveFocus('input, a')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (!first) return
          location.hash = first
          onClose()
        }}
      >
        <Field
          label={t`Name or page`}
          type="search"
          autoFocus
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
        />
      </form>
      <ul>
        {conversations.map((conversation) => (
          <li key={conversation.id}>
            <a href={conversationHref(conversation.id)} onClick={onClose}>
              <ConversationAvatar conversation={conversation} size="small" />
              <PeopleNames people={conversation.participants} />
              <small>{conversation.protocol}</small>
            </a>
          </li>
        ))}
        {found.map(({ title, icon, href }) => (
          <li key={href}>
            <a href={href} onClick={onClose}>
              <Icon name={icon} />
              {title}
            </a>
          </li>
        ))}
      </ul>
      {!first && (
        <p>
          <Trans>No results.</Trans>
        </p>
      )}
    </div>
  )
}
