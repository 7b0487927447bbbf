import { MAX_TEXT_BYTES } from '@sotto/wire'
import { LinkifyIt, REBuilder } from 'linkify-it'
import { linkEnd } from './link-end.ts'

/** A link's position in a text. */
export interface FoundLink {
  readonly start: number
  readonly end: number
}

/** The schemes that become links, and where a link may start. */
class Rules extends REBuilder {
  /** Chinese and Japanese don't put a space before a link, so one of their letters may precede it. */
  override get_schema_search(): RegExp {
    this.cache.schema_search ??= new RegExp(`()\\b(${this.get_schema_names().source})`, 'ig')
    return this.cache.schema_search
  }

  get_authority(): RegExp {
    const host = this.get_url_host_port().source
    this.cache.authority ??= new RegExp(`\\/\\/${this.get_auth().source}${host}`, 'iy')
    return this.cache.authority
  }
}

const rules = new Rules()
const web = { validate: (text: string, at: number) => lengthOf(rules.get_authority(), text, at) }
const mail = {
  validate: (text: string, at: number) => lengthOf(rules.get_mailto_validator(), text, at),
}
const linkify = new LinkifyIt({
  rebuilder: rules,
  fuzzyEmail: false,
  // A whole message: a link that is cut off would lead elsewhere.
  maxLength: MAX_TEXT_BYTES,
})
  .add('http:', web)
  .add('https:', web)
  .add('mailto:', mail)
  .add('ftp:', null)
  .add('//', null)

/** Everything in `text` that is written as a link, with its scheme. */
export const findLinks = (text: string): readonly FoundLink[] =>
  (linkify.match(text) ?? []).map(({ index, lastIndex }) => ({ start: index, end: lastIndex }))

/** The length of a link whose beginning matches at `at`; 0 if nothing does. */
function lengthOf(beginning: RegExp, text: string, at: number): number {
  beginning.lastIndex = at
  const found = beginning.exec(text)?.[0]
  if (found === undefined) return 0
  const end = at + found.length
  return (/[/?#]/.test(text.charAt(end)) ? linkEnd(text, end) : end) - at
}
