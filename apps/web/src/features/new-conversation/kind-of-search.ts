import { plainPhone } from '@sotto/wire'

export type Search =
  | { kind: 'list' }
  | { kind: 'name'; name: string }
  | { kind: 'email'; email: string }
  | { kind: 'phone'; phone: string }

/** The kind of search, judging by the typed text. */
export function kindOfSearch(typed: string): Search {
  const text = typed.trim()
  if (text === '') return { kind: 'list' }
  if (text.includes('@')) return { kind: 'email', email: text }
  const digits = plainPhone(text).replace(/[\s().\-/\u2010-\u2014\u2212]/g, '')
  if (/^(?:\+|00)?\d{5,}$/.test(digits)) return { kind: 'phone', phone: text }
  return { kind: 'name', name: text }
}

/** Whether a search is complete enough to send; an address must be whole. */
export const isAskable = (search: Search): boolean =>
  search.kind !== 'email' || /^\S+@\S+\.\S+$/.test(search.email)
