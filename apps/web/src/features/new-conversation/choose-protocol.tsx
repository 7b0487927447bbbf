import { i18n } from '@lingui/core'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { FoundPerson } from '@sotto/sdk'
import { Protocol } from '@sotto/wire'
import { useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { useMe } from '../../client/hooks/use-view.ts'
import { navigate } from '../../routes.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { type Choice, ChoiceCards } from '../../ui/forms/choice-cards.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { FailureNotice, Notice } from '../../ui/notices/notice.tsx'
import { Avatar } from '../../ui/people/avatar.tsx'
import { PersonName } from '../../ui/people/person-name.tsx'
import { ProtocolFacts } from '../safety/protocol-facts.tsx'
import { protocolWords } from '../safety/protocol-words.ts'
import styles from './new-conversation.module.css'

const choices = (): readonly Choice<Protocol>[] =>
  Protocol.options.map((value) => ({
    value,
    title: value,
    text: i18n._(protocolWords[value].summary),
  }))

/** Chooses a conversation's protocol. The choice is permanent, so the page explains it first. */
export function ChooseProtocol({ person, onBack }: { person: FoundPerson; onBack: () => void }) {
  const [protocol, setProtocol] = useState<Protocol>('ecdh')
  const { hasRsaKey } = useMe()
  const needsKey = protocol === 'rsa' && !hasRsaKey
  const start = useCommand(async (commands) => {
    if (needsKey) await commands.createRsaKey()
    const id = await commands.startConversation(person.accountId, protocol)
    navigate({ at: 'conversation', id, panel: null }, { replace: true })
  })

  return (
    <>
      <div className={styles.chosen}>
        <Avatar id={person.accountId} name={person.name} picture={person.picture} size="large" />
        <h2>
          <PersonName name={person.name} />
        </h2>
      </div>
      <ChoiceCards
        legend={t`Protocol (can’t be changed later)`}
        choices={choices()}
        value={protocol}
        onChange={setProtocol}
      />
      <ProtocolFacts protocol={protocol} />
      {needsKey && (
        <Notice title={t`You don’t have an RSA key yet.`}>
          <p>
            <Trans>One will be created on this device when you start. It takes a second.</Trans>
          </p>
        </Notice>
      )}
      <FailureNotice failure={start.failure} />
      <Actions>
        <Button look="main" busy={start.busy} onClick={() => start.run()}>
          <Trans>Start conversation</Trans>
        </Button>
        <Button onClick={onBack}>
          <Trans>Choose someone else</Trans>
        </Button>
      </Actions>
    </>
  )
}
