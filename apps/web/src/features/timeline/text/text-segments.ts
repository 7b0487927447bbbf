import { findLinks } from './find-links.ts'

export type Segment =
  | { kind: 'text'; text: string }
  | { kind: 'code'; text: string; isBlock: boolean }
  /** `realHost` is set if the text could be misread as a different host than the link's. */
  | { kind: 'link'; text: string; href: string; host: string; realHost: string | null }

const CODE = /```[^`]+```|`[^`\n]+`/gu

/**
 * A whole message split into segments that are displayed differently. Nothing is dropped or replaced: the segments'
 * texts joined together are the text, character by character. Never pass part of a message: a link's target must not
 * depend on how much of it is shown.
 */
export function textSegments(text: string): readonly Segment[] {
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
  for (const found of findLinks(text)) {
    const link = linkOf(text.slice(found.start, found.end))
    if (!link) continue
    if (found.start > end) segments.push({ kind: 'text', text: text.slice(end, found.start) })
    segments.push(link)
    end = found.end
  }
  if (end < text.length) segments.push({ kind: 'text', text: text.slice(end) })
  return segments
}

function linkOf(text: string): Segment | null {
  const url = parsed(text)
  if (!url) return null
  if (url.protocol === 'mailto:') {
    return { kind: 'link', text, href: url.href, host: decoded(url.pathname), realHost: null }
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return null
  const shown = /^https?:\/\/([^/?#]*)/i.exec(text)?.[1] ?? ''
  const isPlain = shown.toLowerCase() === url.host && !url.username && !url.password
  return { kind: 'link', text, href: url.href, host: url.host, realHost: isPlain ? null : url.host }
}

/** Like `URL.parse`, which some supported browsers lack. */
function parsed(text: string): URL | null {
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
