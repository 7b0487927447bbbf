import type { ConversationSummary } from '@sotto/sdk'
import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { later } from '../../later.tsx'
import { Boundary } from '../../ui/boundary.tsx'
import { Button } from '../../ui/button.tsx'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import { PersonName } from '../../ui/person-name.tsx'
import { Composer } from '../composer/composer.tsx'
import { AnswerRequest } from './answer-request.tsx'
import styles from './conversation-end.module.css'
import { LookAlike } from './look-alike.tsx'

const KeyChangeDialog = later(
  async () => (await import('../safety/key-change-dialog.tsx')).KeyChangeDialog,
)

/** The composer, or why there is none. */
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
          <PersonName name={peer.name} /> has not answered yet. You can send up to 20 messages until
          then.
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
    <section className={styles.end} aria-label="Ended conversation">
      <Notice icon="blocked" title="This conversation has ended.">
        <p>
          The server does not have it any more: <PersonName name={name} /> has no account here now,
          or the two of you have another conversation. What is on this device stays. Nothing more
          can be sent here.
        </p>
      </Notice>
    </section>
  )
}

function NoKeyYet({ name }: { name: string }) {
  return (
    <section className={styles.end} aria-label="No RSA key yet">
      <Notice
        icon="key"
        title={
          <>
            <PersonName name={name} /> has no RSA key yet.
          </>
        }
      >
        <p>Their device makes one as soon as they accept. Then you can write here.</p>
      </Notice>
    </section>
  )
}

function KeyChanged({ conversation }: { conversation: ConversationSummary }) {
  const { peer } = conversation
  const [isOpen, setIsOpen] = useState(false)
  return (
    <section className={styles.end} aria-label="Key change">
      <Notice
        tone="warn"
        title={
          <>
            <PersonName name={peer.name} />
            's key has changed.
          </>
        }
      >
        <p>Until you have looked at it, nothing is sent.</p>
        <div>
          <Button look="main" onClick={() => setIsOpen(true)}>
            Look at the change
          </Button>
        </div>
      </Notice>
      <Boundary what="The change" of={[isOpen]}>
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
    <section className={styles.end} aria-label="Closed conversation">
      <Notice
        icon="blocked"
        title={
          isBlocked ? (
            <>
              You have blocked <PersonName name={peer.name} />.
            </>
          ) : (
            'You have declined this conversation.'
          )
        }
      >
        <p>
          {isBlocked
            ? 'Nothing from them reaches you. They find out only when they write: their messages are not accepted.'
            : 'Nothing reaches you here.'}
        </p>
        <div>
          <Button busy={reopen.busy} onClick={() => reopen.run()}>
            {isBlocked ? 'Unblock' : 'Accept after all'}
          </Button>
        </div>
        <FailureNotice failure={reopen.failure} />
      </Notice>
    </section>
  )
}
