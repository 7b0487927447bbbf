import { domainToASCII } from 'node:url'
import { DomainError } from '@sotto/service-runtime'
import { MAX_EMAIL_CHARS } from '@sotto/wire'
import { invisible } from './invisible.ts'

/** A canonical email address: ASCII, in lower case. */
export type EmailAddress = string & { readonly __brand: 'EmailAddress' }

const MAX_LOCAL_CHARS = 64
// The dot-atom of RFC 5322 before the @, host names of RFC 1123 after it. Quotes, comments, address
// literals, and letters beyond ASCII before the @ are excluded: they are rare, and each is a way to
// imitate another person's address or to smuggle in a second recipient.
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const TOP_LABEL = /^([a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])$/

// The characters that a domain may contain before its conversion to `xn--` form. From ASCII, only
// letters, digits, dots and hyphens are allowed, because the conversion would also decode escapes
// and interpret numbers as IP addresses.
const WRITTEN_DOMAIN = /^[a-zA-Z0-9.\u0080-\u{10ffff}-]+$/u

/**
 * Converts an email address from any spelling to its canonical form: in lower case, without
 * surrounding whitespace and invisible characters, with narrow instead of wide letters, with
 * international domains as `xn--`, and without a trailing dot. Mail is sent only to the canonical
 * form, so an address that merely looks like another person's is never mistaken for theirs. Earlier
 * versions accepted only lower-case ASCII, so stored addresses are canonical. Throws
 * `invalid_email`.
 */
export function parseEmailAddress(written: string): EmailAddress {
  // Before the following work, whose cost grows with the length.
  if (written.length > 2 * MAX_EMAIL_CHARS) throw new DomainError('invalid_email')
  const text = written.normalize('NFKC').replace(invisible, '').trim()
  const at = text.indexOf('@')
  const local = text.slice(0, Math.max(at, 0)).toLowerCase()
  const domain = asciiDomain(text.slice(at + 1))
  const address = `${local}@${domain}`
  const labels = domain.split('.')
  const isValid =
    address.length <= MAX_EMAIL_CHARS &&
    local.length <= MAX_LOCAL_CHARS &&
    LOCAL.test(local) &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label)) &&
    TOP_LABEL.test(labels.at(-1) ?? '')
  if (!isValid) throw new DomainError('invalid_email')
  return address as EmailAddress
}

/** The canonical form of a domain (UTS 46), without the root dot; empty if there is none. */
function asciiDomain(written: string): string {
  if (!WRITTEN_DOMAIN.test(written)) return ''
  return domainToASCII(written).replace(/\.$/, '')
}
