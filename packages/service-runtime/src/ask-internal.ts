import type { z } from 'zod'
import { DomainError } from './errors.ts'

const ASK_WITHIN_MS = 5_000

/**
 * Posts to the internal listener of another service and returns its answer: `not there` from an instance of
 * a version that does not know the path. Throws `unavailable` when there is no answer that fits `schema`.
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
    if (!response.ok) throw new Error(`${url.pathname} was answered with ${response.status}`)
    return schema.parse(await response.json())
  } catch (error) {
    throw new DomainError('unavailable', undefined, { cause: error })
  }
}
