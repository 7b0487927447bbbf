import type { SignedWrite } from '../account.ts'
import type { Wrap } from '../auth.ts'
import type { SealedBox } from '../box.ts'

/** The subject of a signed write, and the text whose hash it contains. */
export interface Written {
  readonly what: SignedWrite['what']
  readonly text: string
}

/** A box. */
export const writtenBox = (box: 'keys' | 'contacts', { ciphertext }: SealedBox): Written => ({
  what: box,
  text: ciphertext,
})

/** One wrap, which replaces the wrap of the same kind. */
export const writtenWrap = ({ kind, ciphertext }: Wrap): Written => ({
  what: kind,
  text: ciphertext,
})

/** All wraps at once: one line each, ordered by kind. */
export const writtenWraps = (wraps: readonly Wrap[]): Written => ({
  what: 'wraps',
  text: wraps
    .map(({ kind, ciphertext }) => `${kind} ${ciphertext}\n`)
    .sort()
    .join(''),
})

/** The removal of the password and its wrap. */
export const noPassword: Written = { what: 'no_password', text: '' }

/** The statement that stops the new keys with this identity key (base64url). */
export const writtenStop = (identityKey: string): Written => ({
  what: 'stop_new_keys',
  text: identityKey,
})
