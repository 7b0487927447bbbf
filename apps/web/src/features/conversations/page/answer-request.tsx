import { i18n } from '@lingui/core'
import { msg, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { ConversationSummary } from '@sotto/sdk'
import type { ConversationId } from '@sotto/wire'
import { useCommand } from '../../../client/hooks/use-command.ts'
import { Button } from '../../../ui/buttons/button.tsx'
import { Actions } from '../../../ui/forms/form.tsx'
import { FailureNotice, Notice } from '../../../ui/notices/notice.tsx'
import { askersIn } from '../participants.ts'
import { PeopleNames } from '../people-names.tsx'
import styles from './conversation-end.module.css'
import { LookAlikes } from './look-alike.tsx'

type Answer = 'accepted' | 'declined' | 'blocked'

const words = {
  accepted: { label: msg`Accept`, look: 'main' },
  declined: { label: msg`Decline`, look: 'quiet' },
  blocked: { label: msg`Block`, look: 'danger' },
} as const

/** Replaces the composer under a request that the person has opened. */
export function AnswerRequest({ conversation }: { conversation: ConversationSummary }) {
  const { id, participants } = conversation
  return (
    <section className={styles.end} aria-label={t`Request`}>
      <Notice
        icon="person"
        title={
          <Trans>
            <PeopleNames people={askersIn(conversation)} /> wants to message you.
          </Trans>
        }
      >
        <p>
          <Trans>
            They chose this name themselves. Once you accept, they can see when you’ve received and
            read their messages.
          </Trans>
        </p>
        <LookAlikes people={participants} />
        <AnswerButtons id={id} answers={['accepted', 'declined', 'blocked']} />
      </Notice>
    </section>
  )
}

/** The answers to a request, as buttons. */
export function AnswerButtons({ id, answers }: { id: ConversationId; answers: readonly Answer[] }) {
  const answer = useCommand((commands, chosen: Answer) => commands.answerRequest(id, chosen))
  return (
    <div>
      <Actions>
        {answers.map((chosen) => (
          <Button
            key={chosen}
            look={words[chosen].look}
            busy={answer.busy}
            onClick={() => answer.run(chosen)}
          >
            {i18n._(words[chosen].label)}
          </Button>
        ))}
      </Actions>
      <FailureNotice failure={answer.failure} />
    </div>
  )
}
