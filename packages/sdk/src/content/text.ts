import { MAX_TEXT_BYTES } from '@sotto/wire'
import type { ContentKind } from './content.ts'

/** Plain text, shown as it was written. */
export interface TextContent {
  readonly type: 'text'
  readonly text: string
}

export const text: ContentKind<TextContent> = {
  type: 'text',
  read: (body) => ({ type: 'text', text: body }),
  check: ({ text: written }) => {
    if (written === '') return { code: 'empty_text' }
    const half = written.search(/\p{Surrogate}/u)
    if (half >= 0) return { code: 'broken_text', details: { at: half } }
    const bytes = new TextEncoder().encode(written).length
    return bytes > MAX_TEXT_BYTES ? { code: 'text_too_long' } : undefined
  },
  write: ({ text: written }) => written,
  preview: ({ text: written }) => written,
}
