import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationSummary } from '@sotto/sdk'
import { useState } from 'react'
import { useCommand } from '../../../client/hooks/use-command.ts'
import { later } from '../../../later.tsx'
import { Button } from '../../../ui/buttons/button.tsx'
import { Boundary } from '../../../ui/notices/boundary.tsx'
import { FailureNotice, Notice } from '../../../ui/notices/notice.tsx'
import { PersonName } from '../../../ui/people/person-name.tsx'
import { Composer } from '../../composer/composer.tsx'
import { AnswerRequest } from './answer-request.tsx'
import styles from './conversation-end.module.css'
import { LookAlike } from './look-alike.tsx'

const KeyChangeDialog = later(
  async () => (await import('../../safety/key-change-dialog.tsx')).KeyChangeDialog,
)

/** The composer, or the reason there is none. */
export function ConversationEnd({ conversation }: { conversation: ConversationSummary }) {
  const { state, peer } = conversation
  if (state === 'request') return <AnswerRequest conversation={conversation} />
  if (state === 'ended') return <Ended name={peer.name} />
  if (state === 'declined' || state === 'blocked') return <Closed conversation={conversation} />
  if (peer.trust === 'key_changed') return <KeyChanged conversation={conversation} />
  if (conversation.protocol === 'rsa' && !peer.hasRsaKey) return <NoKeyYet name={peer.name} />
  return (
    <>
      {state === 'waiting' && (
        <p className={styles.hint}>
          <Trans>
            <PersonName name={peer.name} /> hasn’t answered yet. Until then, you can send up to 20
            messages.
          </Trans>
        </p>
      )}
      {peer.looksLike !== null && (
        <div className={styles.hint}>
          <LookAlike peer={peer} />
        </div>
      )}
      <Composer conversation={conversation} />
    </>
  )
}

function Ended({ name }: { name: string }) {
  return (
    <section className={styles.end} aria-label={t`Ended conversation`}>
      <Notice icon="blocked" title={t`This conversation has ended.`}>
        <p>
          <Trans>
            The server no longer has it. Either <PersonName name={name} /> no longer has an account
            here, or the two of you have another conversation. Messages on this device stay. You
            can’t send anything else here.
          </Trans>
        </p>
      </Notice>
    </section>
  )
}

function NoKeyYet({ name }: { name: string }) {
  return (
    <section className={styles.end} aria-label={t`No RSA key yet`}>
      <Notice
        icon="key"
        title={
          <Trans>
            <PersonName name={name} /> has no RSA key yet.
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

function KeyChanged({ conversation }: { conversation: ConversationSummary }) {
  const { peer } = conversation
  const [isOpen, setIsOpen] = useState(false)
  return (
    <section className={styles.end} aria-label={t`Key change`}>
      <Notice
        tone="warn"
        title={
          <Trans>
            <PersonName name={peer.name} />
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
        <KeyChangeDialog peer={peer} open={isOpen} onClose={() => setIsOpen(false)} />
      </Boundary>
    </section>
  )
}

function Closed({ conversation }: { conversation: ConversationSummary }) {
  const { id, state, peer } = conversation
  const reopen = useCommand(async (commands) => {
    if (state === 'blocked') await commands.unblock(peer.accountId)
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
              You blocked <PersonName name={peer.name} />.
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
