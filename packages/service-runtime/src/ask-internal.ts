import type { z } from 'zod'
import { DomainError } from './errors.ts'

const ASK_WITHIN_MS = 5_000

/**
 * Posts to the internal listener of another service and returns its answer. Throws `unavailable` when
 * there is none that fits `answer`.
 */
export async function askInternal<S extends z.ZodType>(
  url: URL,
  body: unknown,
  answer: S,
): Promise<z.output<S>> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ASK_WITHIN_MS),
    })
    if (!response.ok) throw new Error(`${url.pathname} was answered with ${response.status}`)
    return answer.parse(await response.json())
  } catch (error) {
    throw new DomainError('unavailable', undefined, { cause: error })
  }
}
