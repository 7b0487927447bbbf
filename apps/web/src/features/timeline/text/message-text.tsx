import { t } from '@lingui/core/macro'
import { useMemo, useState } from 'react'
import { bytesInWords } from '../../../ui/text/moments.ts'
import { copyFolded, foldMark } from './copy-folded.ts'
import { fold } from './fold.ts'
import styles from './message-text.module.css'
import { type Segment, textSegments } from './text-segments.ts'
import { isEmojiOnly } from './text-size.ts'

/** The text of a message, as plain text: only links and code become elements. */
export function MessageText({ text }: { text: string }) {
  const [isUnfolded, setIsUnfolded] = useState(false)
  const segments = useMemo(() => textSegments(text), [text])
  if (isEmojiOnly(text)) return <p className={styles.emoji}>{text}</p>
  const folded = fold(text, segments)
  const hidden = isUnfolded ? null : folded
  return (
    <>
      <p
        className={styles.text}
        dir="auto"
        onCopy={hidden ? (event) => copyFolded(event, hidden.rest) : undefined}
      >
        {(hidden?.shown ?? segments).map((segment, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: segments of one text never move
          <SegmentText key={index} segment={segment} />
        ))}
        {hidden && <span {...foldMark}> …</span>}
      </p>
      {folded && (
        <button
          type="button"
          className={styles.fold}
          aria-expanded={isUnfolded}
          onClick={() => setIsUnfolded(!isUnfolded)}
        >
          {isUnfolded ? t`Show less` : t`Show all (${{ size: bytesInWords(text.length) }})`}
        </button>
      )}
    </>
  )
}

function SegmentText({ segment }: { segment: Segment }) {
  if (segment.kind === 'text') return segment.text
  if (segment.kind === 'code') {
    return (
      <code className={segment.isBlock ? styles.block : styles.code} dir="ltr">
        {segment.text}
      </code>
    )
  }
  return (
    <a
      className={styles.link}
      href={segment.href}
      target="_blank"
      rel="noopener noreferrer"
      title={t`Opens ${{ host: segment.host }}`}
      data-leads-to={segment.realHost}
      dir="ltr"
    >
      {segment.text}
    </a>
  )
}
