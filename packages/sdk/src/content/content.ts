import { type TextContent, text } from './text.ts'
import { createUnsupported, type UnsupportedContent } from './unsupported.ts'

/**
 * The content of a message. Each kind has a file in this folder; a new kind takes a file there, a member of `Content`
 * and an entry in `KINDS`.
 *
 * Content is stored as it was sealed and parsed each time it is shown. A kind that only a newer version of the app
 * knows is kept whole, shown as `unsupported`, and opens after the update without being fetched again.
 */
export type Content = TextContent | UnsupportedContent

/** Content as it is sealed into an envelope and stored. */
export interface SealedContent {
  /** The name of its kind. */
  readonly type: string
  readonly body: string
}

/** Content that is empty, too large or broken. */
export interface ContentProblem {
  readonly code: 'empty_text' | 'broken_text' | 'text_too_long'
  readonly details?: { readonly at: number }
}

/** How one kind of content behaves. */
export interface ContentKind<C extends Content> {
  readonly type: C['type']
  /** Parses a sealed body; undefined for one that isn't of this kind. */
  read(body: string): C | undefined
  /** Why the content can't be sealed, or undefined if it can. */
  check(content: C): ContentProblem | undefined
  /** The body to seal. */
  write(content: C): string
  /**
   * One line for the conversation list, notifications and screen readers; empty if the app has its own words for it.
   */
  preview(content: C): string
}

const KINDS = { text } as const satisfies { readonly [Type in SealableContent['type']]: unknown }

/** Content that this version can write. */
export type SealableContent = Exclude<Content, UnsupportedContent>

/** Parses sealed content. */
export function readContent({ type, body }: SealedContent): Content {
  const kind = isKnown(type) ? KINDS[type] : undefined
  return kind?.read(body) ?? createUnsupported(type)
}

/** Why content can't be sealed, or undefined if it can. */
export function checkContent(content: SealableContent): ContentProblem | undefined {
  return KINDS[content.type].check(content)
}

/** The sealed form of content that has passed `checkContent`. */
export function writeContent(content: SealableContent): SealedContent {
  return { type: content.type, body: KINDS[content.type].write(content) }
}

/** A one-line preview of the content. */
export function previewOf(content: Content): string {
  return content.type === 'unsupported' ? '' : KINDS[content.type].preview(content)
}

/** Whether two messages have the same content. */
export function isSameContent(one: SealedContent, other: SealedContent): boolean {
  return one.type === other.type && one.body === other.body
}

function isKnown(type: string): type is keyof typeof KINDS {
  return Object.hasOwn(KINDS, type)
}
