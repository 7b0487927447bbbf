import { z } from 'zod'
import { DomainError } from '../errors.ts'
import type { JSONWebKeySet } from './access-token.ts'

const KEEP_MS = 60_000
const FETCH_WITHIN_MS = 5_000

const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(8) })

/**
 * The public keys of the auth service, fetched when they are first needed and again when they are
 * older than a minute. If the auth service does not answer, the last answer remains valid.
 *
 * A new signing key must therefore be published for a minute before it is used to sign.
 */
export function remoteKeys(authUrl: string): () => Promise<JSONWebKeySet> {
  const url = new URL('/.well-known/jwks.json', authUrl)
  let kept: { keys: JSONWebKeySet; text: string } | undefined
  let freshUntil = 0
  let fetching: Promise<void> | undefined

  async function fetchKeys() {
    const answer = await fetch(url, { signal: AbortSignal.timeout(FETCH_WITHIN_MS) })
    const text = await answer.text()
    // The same object for the same keys, so that imported keys stay cached.
    if (kept?.text !== text) kept = { keys: KeySet.parse(JSON.parse(text)), text }
    freshUntil = Date.now() + KEEP_MS
  }

  return async () => {
    if (Date.now() >= freshUntil) {
      fetching ??= fetchKeys().finally(() => {
        fetching = undefined
      })
      await fetching.catch((error) => {
        if (!kept) throw new DomainError('unavailable', undefined, { cause: error })
      })
    }
    if (!kept) throw new DomainError('unavailable')
    return kept.keys
  }
}
