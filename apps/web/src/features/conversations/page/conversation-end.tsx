import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ContactView, ConversationSummary } from '@sotto/sdk'
import { useState } from 'react'
import { useCommand } from '../../../client/hooks/use-command.ts'
import { later } from '../../../later.tsx'
import { Button } from '../../../ui/buttons/button.tsx'
import { Boundary } from '../../../ui/notices/boundary.tsx'
import { FailureNotice, Notice } from '../../../ui/notices/notice.tsx'
import { PersonName } from '../../../ui/people/person-name.tsx'
import { Composer } from '../../composer/composer.tsx'
import { PeopleNames } from '../people-names.tsx'
import { AnswerRequest } from './answer-request.tsx'
import styles from './conversation-end.module.css'
import { LookAlikes } from './look-alike.tsx'

const KeyChangeDialog = later(
  async () => (await import('../../safety/key-change-dialog.tsx')).KeyChangeDialog,
)

interface People {
  readonly people: readonly ContactView[]
}

/** The composer, or the reason there is none. */
export function ConversationEnd({ conversation }: { conversation: ConversationSummary }) {
  const { state, participants } = conversation
  if (state === 'request') return <AnswerRequest conversation={conversation} />
  if (state === 'ended') return <Ended people={participants} />
  if (state === 'declined' || state === 'blocked') return <Closed conversation={conversation} />
  const changed = participants.find(({ trust }) => trust === 'key_changed')
  if (changed) return <KeyChanged contact={changed} />
  const keyless = participants.filter(({ hasRsaKey }) => !hasRsaKey)
  if (conversation.protocol === 'rsa' && keyless.length > 0) return <NoKeyYet people={keyless} />
  return (
    <>
      {state === 'waiting' && (
        <p className={styles.hint}>
          <Trans>
            <PeopleNames people={participants} /> hasn’t answered yet. Until then, you can send up
            to 20 messages.
          </Trans>
        </p>
      )}
      {participants.some(({ looksLike }) => looksLike !== null) && (
        <div className={styles.hint}>
          <LookAlikes people={participants} />
        </div>
      )}
      <Composer conversation={conversation} />
    </>
  )
}

function Ended({ people }: People) {
  return (
    <section className={styles.end} aria-label={t`Ended conversation`}>
      <Notice icon="blocked" title={t`This conversation has ended.`}>
        <p>
          <Trans>
            The server no longer has it. Either <PeopleNames people={people} /> no longer has an
            account here, or the two of you have another conversation. Messages on this device stay.
            You can’t send anything else here.
          </Trans>
        </p>
      </Notice>
    </section>
  )
}

function NoKeyYet({ people }: People) {
  return (
    <section className={styles.end} aria-label={t`No RSA key yet`}>
      <Notice
        icon="key"
        title={
          <Trans>
            <PeopleNames people={people} /> has no RSA key yet.
          </Trans>
        }
      >
        <p>
          <Trans>Their device creates one when they accept. Then you can send messages here.</Trans>
        </p>
      </Notice>
    </section>
  )
}

function KeyChanged({ contact }: { contact: ContactView }) {
  const [isOpen, setIsOpen] = useState(false)
  return (
    <section className={styles.end} aria-label={t`Key change`}>
      <Notice
        tone="warn"
        title={
          <Trans>
            <PersonName name={contact.name} />
            ’s key has changed.
          </Trans>
        }
      >
        <p>
          <Trans>Nothing is sent until you’ve reviewed it.</Trans>
        </p>
        <div>
          <Button look="main" onClick={() => setIsOpen(true)}>
            <Trans>Review new key</Trans>
          </Button>
        </div>
      </Notice>
      <Boundary failure={t`The new key can’t be shown.`} of={[isOpen]}>
        <KeyChangeDialog contact={contact} open={isOpen} onClose={() => setIsOpen(false)} />
      </Boundary>
    </section>
  )
}

function Closed({ conversation }: { conversation: ConversationSummary }) {
  const { id, state, participants } = conversation
  const reopen = useCommand(async (commands) => {
    if (state === 'blocked') {
      for (const { accountId } of participants) await commands.unblock(accountId)
    }
    await commands.answerRequest(id, 'accepted')
  })
  const isBlocked = state === 'blocked'
  return (
    <section className={styles.end} aria-label={t`Closed conversation`}>
      <Notice
        icon="blocked"
        title={
          isBlocked ? (
            <Trans>
              You blocked <PeopleNames people={participants} />.
            </Trans>
          ) : (
            t`You declined this conversation.`
          )
        }
      >
        <p>
          {isBlocked
            ? t`You won’t receive anything from them. They’ll only find out when they message you, because their messages aren’t accepted.`
            : t`You won’t receive anything here.`}
        </p>
        <div>
          <Button busy={reopen.busy} onClick={() => reopen.run()}>
            {isBlocked ? t`Unblock` : t`Accept`}
          </Button>
        </div>
        <FailureNotice failure={reopen.failure} />
      </Notice>
    </section>
  )
}
