import type { z } from 'zod'
import { DomainError } from '../errors.ts'

const ASK_WITHIN_MS = 5_000

/**
 * Posts to the internal listener of another service and returns its answer, or `not there` if that
 * instance's version does not know the path. Throws `unavailable` if there is no answer that
 * matches `schema`.
 */
export async function askInternal<S extends z.ZodType>(
  url: URL,
  body: unknown,
  schema: S,
): Promise<z.output<S> | 'not there'> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ASK_WITHIN_MS),
    })
    if (response.status === 404) return 'not there'
    if (!response.ok) throw new Error(`${url.pathname} answered ${response.status}`)
    return schema.parse(await response.json())
  } catch (error) {
    throw new DomainError('unavailable', undefined, { cause: error })
  }
}
