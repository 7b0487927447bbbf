import { domainToASCII } from 'node:url'
import { DomainError } from '@sotto/service-runtime'
import { MAX_EMAIL_CHARS } from '@sotto/wire'
import { invisible } from './invisible.ts'

/** An e-mail address in its one form: ASCII, in lower case. */
export type EmailAddress = string & { readonly __brand: 'EmailAddress' }

const MAX_LOCAL_CHARS = 64
// The dot-atom of RFC 5322 before the @, host names of RFC 1123 after it. No quotes, comments, address
// literals, or letters beyond ASCII before the @: they are rare, and each is another way to write an address that
// looks like somebody else's or to smuggle a second recipient.
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const TOP_LABEL = /^([a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])$/

// What may stand in a domain before it is brought to its `xn--` form. Of ASCII only letters, digits, dots and
// hyphens: the function that does it would also decode escapes and read numbers as addresses of machines.
const WRITTEN_DOMAIN = /^[a-zA-Z0-9.\u0080-\u{10ffff}-]+$/u

/**
 * Brings an e-mail address, however it is written, to its one form: in lower case, without blanks around it and
 * what is invisible, wide letters as narrow ones, an international domain as `xn--`, no dot at the end. Mail goes
 * to that form and to no other, so an address that merely looks like somebody else's is never taken for theirs.
 * Versions before took no other spellings than lower-case ones in ASCII, so what is stored has this form.
 * Throws `invalid_email`.
 */
export function parseEmailAddress(written: string): EmailAddress {
  // Before the work below, which costs more the longer it is.
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

/** The form of a domain that is looked up (UTS 46), without the dot of the root; empty when there is none. */
function asciiDomain(written: string): string {
  if (!WRITTEN_DOMAIN.test(written)) return ''
  return domainToASCII(written).replace(/\.$/, '')
}
