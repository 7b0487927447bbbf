import { type TextContent, text } from './text.ts'
import { createUnsupported, type UnsupportedContent } from './unsupported.ts'

/**
 * What a message says. Each kind of content has a file in this folder; a new kind is a file there, a member of
 * `Content` and an entry in `KINDS`.
 *
 * Content is stored as it was sealed and read anew each time it is shown: a kind that only a newer version of the
 * app knows is kept whole, shown as `unsupported`, and opens after the update without being fetched again.
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
  /** The content in a sealed body; undefined for a body that is not one of this kind. */
  read(body: string): C | undefined
  /** Why the content cannot be sealed; undefined when it can. */
  check(content: C): ContentProblem | undefined
  /** The body to seal. */
  write(content: C): string
  /** One line for a list of conversations, a notification and a screen reader; empty where the app has words for it. */
  preview(content: C): string
}

const KINDS = { text } as const satisfies { readonly [Type in SealableContent['type']]: unknown }

/** Content that this version can write. */
export type SealableContent = Exclude<Content, UnsupportedContent>

/** The content in a sealed form. */
export function readContent({ type, body }: SealedContent): Content {
  const kind = isKnown(type) ? KINDS[type] : undefined
  return kind?.read(body) ?? createUnsupported(type)
}

/** Why content cannot be sealed; undefined when it can. */
export function checkContent(content: SealableContent): ContentProblem | undefined {
  return KINDS[content.type].check(content)
}

/** The sealed form of content that `checkContent` has nothing against. */
export function writeContent(content: SealableContent): SealedContent {
  return { type: content.type, body: KINDS[content.type].write(content) }
}

/** One line that stands for the content. */
export function previewOf(content: Content): string {
  return content.type === 'unsupported' ? '' : KINDS[content.type].preview(content)
}

/** Whether two messages say the same. */
export function isSameContent(one: SealedContent, other: SealedContent): boolean {
  return one.type === other.type && one.body === other.body
}

function isKnown(type: string): type is keyof typeof KINDS {
  return Object.hasOwn(KINDS, type)
}
