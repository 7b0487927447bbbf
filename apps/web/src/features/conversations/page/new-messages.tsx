import type { ConversationSummary, TimelineView } from '@sotto/sdk'
import { PersonName } from '../../../ui/people/person-name.tsx'
import { shorten } from '../../../ui/text/shorten.ts'
import { lineOf } from '../../timeline/messages/content-line.ts'
import { nameIn } from '../participants.ts'

const SPOKEN_CHARS = 300

interface Props {
  readonly conversation: ConversationSummary
  readonly timeline: TimelineView
}

/** Announces the newest message from someone else to a screen reader; visually hidden. */
export function NewMessages({ conversation, timeline }: Props) {
  const last = timeline.items.findLast((item) => item.kind === 'message' && !item.mine)
  const isNew = last?.kind === 'message' && (last.seq ?? 0) > timeline.readSeq
  return (
    <p className="visually-hidden" aria-live="polite">
      {isNew && (
        <>
          <PersonName name={nameIn(conversation, last.sender)} />:{' '}
          {shorten(lineOf(last), SPOKEN_CHARS)}
        </>
      )}
    </p>
  )
}
