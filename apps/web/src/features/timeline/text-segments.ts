export type Segment =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string; isBlock: boolean }
  /** `realHost` is there when the text could be read as another host than the link leads to. */
  | { kind: 'link'; text: string; href: string; host: string; realHost: string | null }

// What stands in a link ends at blanks, quotes, brackets and at marks that turn the direction of text.
const LINK = /(?:https?:\/\/|mailto:)[^\s<>"'`\u2028-\u202e\u2066-\u2069]+/giu
const CODE = /```[^`]+```|`[^`\n]+`/gu
const TRAILING = '.,;:!?)]}…'

/**
 * A message cut into what is shown differently. Nothing is dropped or replaced: the texts of the
 * segments put together are the text, character by character.
 */
export function textSegments(text: string): Segment[] {
  const segments: Segment[] = []
  let end = 0
  for (const match of text.matchAll(CODE)) {
    segments.push(...withLinks(text.slice(end, match.index)))
    segments.push({ kind: 'code', text: match[0], isBlock: match[0].startsWith('```') })
    end = match.index + match[0].length
  }
  segments.push(...withLinks(text.slice(end)))
  return segments
}

function withLinks(text: string): Segment[] {
  const segments: Segment[] = []
  let end = 0
  for (const match of text.matchAll(LINK)) {
    const link = linkOf(withoutTrailing(match[0]))
    if (!link) continue
    if (match.index > end) segments.push({ kind: 'text', text: text.slice(end, match.index) })
    segments.push(link)
    end = match.index + link.text.length
  }
  if (end < text.length) segments.push({ kind: 'text', text: text.slice(end) })
  return segments
}

/** The point at the end of a sentence is not part of the link; a bracket is, if it was opened inside. */
function withoutTrailing(found: string): string {
  // Not `/[…]+$/`, which begins again at each mark of a long run of them.
  let end = found.length
  while (end > 0 && TRAILING.includes(found.charAt(end - 1))) end -= 1
  const trimmed = found.slice(0, end)
  const rest = found.slice(trimmed.length)
  return rest.startsWith(')') && trimmed.includes('(') ? `${trimmed})` : trimmed
}

function linkOf(text: string): Segment | null {
  const url = urlOf(text)
  if (!url) return null
  if (url.protocol === 'mailto:') {
    return { kind: 'link', text, href: url.href, host: decoded(url.pathname), realHost: null }
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  const shown = /^https?:\/\/([^/?#]*)/i.exec(text)?.[1] ?? ''
  const isPlain = shown.toLowerCase() === url.host && !url.username && !url.password
  return { kind: 'link', text, href: url.href, host: url.host, realHost: isPlain ? null : url.host }
}

/** As `URL.parse`, which not all browsers have that Sotto runs in. */
function urlOf(text: string): URL | null {
  try {
    return new URL(text)
  } catch {
    return null
  }
}

function decoded(address: string): string {
  try {
    return decodeURIComponent(address)
  } catch {
    return address
  }
}
