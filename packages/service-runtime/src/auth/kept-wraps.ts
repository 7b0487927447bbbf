import { Actor, ErrorAnswer, Version, Wrap } from '@sotto/wire'
import { z } from 'zod'
import { DomainError } from '../errors.ts'
import { askInternal } from './ask-internal.ts'

/** The path on the internal listener of the auth service. */
export const KEPT_WRAPS_PATH = '/kept-wraps'

/** A write of the wraps whose signature the chat service has verified. */
export const WrapsWrite = z.strictObject({
  actor: Actor,
  version: Version,
  change: z.union([
    z.strictObject({ replaceAll: z.array(Wrap).min(1).max(8) }),
    z.strictObject({ put: Wrap }),
    z.strictObject({ removePassword: z.literal(true) }),
  ]),
})
export type WrapsWrite = z.infer<typeof WrapsWrite>

/** Null if it is stored. */
export const WrapsAnswer = z.strictObject({ refusal: ErrorAnswer.nullable() })
export type WrapsAnswer = z.infer<typeof WrapsAnswer>

/**
 * Stores the wraps of an account. Throws `stale_version`, `unauthenticated`, `channel_closed` or
 * `unavailable`.
 */
export type KeepWraps = (write: WrapsWrite) => Promise<void>

/** Asks the internal listener of the auth service at `baseUrl`. */
export function remoteKeepWraps(baseUrl: string): KeepWraps {
  const url = new URL(KEPT_WRAPS_PATH, baseUrl)
  return async (write) => {
    const answer = await askInternal(url, write, WrapsAnswer)
    // An instance of the previous version, which is about to be replaced.
    if (answer === 'not there') throw new DomainError('unavailable')
    if (answer.refusal) throw new DomainError(answer.refusal.code, answer.refusal.details)
  }
}
