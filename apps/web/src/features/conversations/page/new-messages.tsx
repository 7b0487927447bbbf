import type { TimelineView } from '@sotto/sdk'
import { PersonName } from '../../../ui/people/person-name.tsx'
import { shorten } from '../../../ui/text/shorten.ts'
import { lineOf } from '../../timeline/messages/content-line.ts'

const SPOKEN_CHARS = 300

/** Announces the other side's newest message to a screen reader; visually hidden. */
export function NewMessages({ timeline, peer }: { timeline: TimelineView; peer: string }) {
  const last = timeline.items.findLast((item) => item.kind === 'message' && !item.mine)
  const isNew = last?.kind === 'message' && (last.seq ?? 0) > timeline.readSeq
  return (
    <p className="visually-hidden" aria-live="polite">
      {isNew && (
        <>
          <PersonName name={peer} />: {shorten(lineOf(last), SPOKEN_CHARS)}
        </>
      )}
    </p>
  )
}
