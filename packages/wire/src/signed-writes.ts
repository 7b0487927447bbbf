import type { SignedWrite } from './account.ts'
import type { Wrap } from './auth.ts'
import type { SealedBox } from './chat-requests.ts'

/** What a signed write is about, and the text whose hash it names. */
export interface Written {
  readonly what: SignedWrite['what']
  readonly text: string
}

/** A box as it is written. */
export const writtenBox = (box: 'keys' | 'contacts', { ciphertext }: SealedBox): Written => ({
  what: box,
  text: ciphertext,
})

/** One wrap in the place of that of its kind. */
export const writtenWrap = ({ kind, ciphertext }: Wrap): Written => ({
  what: kind,
  text: ciphertext,
})

/** All wraps at once: a line for each, in the order of their kinds. */
export const writtenWraps = (wraps: readonly Wrap[]): Written => ({
  what: 'wraps',
  text: wraps
    .map(({ kind, ciphertext }) => `${kind} ${ciphertext}\n`)
    .sort()
    .join(''),
})

/** That there is to be no password, and no wrap for one. */
export const noPassword: Written = { what: 'no_password', text: '' }

/** That new keys with this identity key (base64url) never take effect. */
export const writtenStop = (identityKey: string): Written => ({
  what: 'stop_new_keys',
  text: identityKey,
})
