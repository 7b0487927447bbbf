import { DomainError } from '@sotto/service-runtime'
import { MAX_EMAIL_CHARS } from '@sotto/wire'

/** An e-mail address in lower case. */
export type EmailAddress = string & { readonly __brand: 'EmailAddress' }

const MAX_LOCAL_CHARS = 64
// The dot-atom of RFC 5322 before the @, host names of RFC 1123 after it. No quotes, comments, address
// literals or letters beyond ASCII: they are rare, and each is another way to write an address that looks
// like somebody else's or to smuggle a second recipient. International domains work in their `xn--` form.
const LOCAL = /^[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*$/
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/
const TOP_LABEL = /^([a-z]{2,63}|xn--[a-z0-9-]{1,58}[a-z0-9])$/

/**
 * Brings an e-mail address to its one form: in lower case, without blanks around it. Throws
 * `invalid_email`.
 */
export function parseEmailAddress(written: string): EmailAddress {
  // Before `toLowerCase`, which turns the Kelvin sign into a `k`.
  const isAscii = /^[\x20-\x7e]*$/.test(written)
  const address = written.replace(/^ +/, '').replace(/ +$/, '').toLowerCase()
  const at = address.indexOf('@')
  const local = address.slice(0, Math.max(at, 0))
  const labels = address.slice(at + 1).split('.')
  const isValid =
    isAscii &&
    address.length <= MAX_EMAIL_CHARS &&
    local.length <= MAX_LOCAL_CHARS &&
    LOCAL.test(local) &&
    labels.length >= 2 &&
    labels.every((label) => LABEL.test(label)) &&
    TOP_LABEL.test(labels.at(-1) ?? '')
  if (!isValid) throw new DomainError('invalid_email')
  return address as EmailAddress
}
