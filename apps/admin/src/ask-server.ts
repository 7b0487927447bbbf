import { type Endpoint, ErrorAnswer } from '@sotto/wire'
import type { z } from 'zod'
import { AdminError } from './admin-error.ts'
import type { AdminConfig } from './config.ts'
import { refusalWords } from './refusal-words.ts'

/** Longer than the services' own time limit. */
const ANSWER_WITHIN_MS = 25_000

/** The parts of a request. */
export interface Sent {
  readonly params?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** Calls the service of an endpoint. Throws AdminError. */
export type Ask = <const E extends Endpoint>(
  endpoint: E,
  sent?: Sent,
) => Promise<z.output<E['response']>>

export function askServer({ token, auth, chat }: AdminConfig['server']): Ask {
  return async (endpoint, sent = {}) => {
    const bases = endpoint.path.startsWith('/operator/auth/') ? auth : chat
    const answer = await fetchFirst(bases, endpoint, sent, token)
    const body: unknown = await answer.json().catch(() => undefined)
    if (!answer.ok) throw refusalOf(answer.status, body)
    const parsed = endpoint.response.safeParse(body)
    if (!parsed.success) {
      throw new AdminError('failed', 'The answer does not match this version of Sotto.', 'internal')
    }
    return parsed.data as never
  }
}

/** Tries the addresses in order, because an instance that is being restarted does not answer. */
async function fetchFirst(
  bases: readonly string[],
  endpoint: Endpoint,
  { params = {}, body }: Sent,
  token: string,
): Promise<Response> {
  const path = endpoint.path.replaceAll(/:(\w+)/g, (_, name) =>
    encodeURIComponent(params[name] ?? ''),
  )
  for (const base of bases) {
    try {
      return await fetch(new URL(path, base), {
        method: endpoint.method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      })
    } catch (error) {
      if (!isRefusedConnection(error)) throw unreachable(base)
    }
  }
  throw unreachable(bases.join(' or '))
}

/** Nothing was done, because no server accepted the request. */
function isRefusedConnection(error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return code === 'ECONNREFUSED' || code === 'ENOTFOUND' || code === 'EAI_AGAIN'
}

const unreachable = (where: string) =>
  new AdminError('unreachable', `Sotto does not answer at ${where}. Is it running?`)

function refusalOf(status: number, body: unknown): AdminError {
  const { data } = ErrorAnswer.safeParse(body)
  const code = data?.code ?? `${status}`
  return new AdminError('failed', refusalWords(code), code)
}
