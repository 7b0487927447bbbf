import { request } from 'node:https'
import { AcmeProblem, readProblem } from './acme-problem.ts'

const ANSWER_WITHIN_MS = 30_000
const MAX_ANSWER_BYTES = 1_000_000
const LONGEST_PAUSE_SECONDS = 86_400

/** A request in the form of the ACME library. */
interface AcmeRequest {
  readonly url?: string | undefined
  readonly method?: string | undefined
  readonly headers: object
  readonly data?: unknown
}

/**
 * Sends requests to an authority. Throws its refusals as `AcmeProblem`, so that the reason is not
 * lost; only a stale nonce is left to the library, which retries. `authorityCertificate` is trusted
 * instead of the certificates that Node knows.
 */
export function acmeTransport(authorityCertificate: string | undefined) {
  return async <R extends AcmeRequest>(wanted: R) => {
    const { status, headers, text } = await ask(wanted, authorityCertificate)
    if (status >= 400) {
      const retryAfter = secondsOf(headers['retry-after'])
      const problem = readProblem(parseJson(text), retryAfter)
      if (problem?.kind !== 'badNonce') {
        throw problem ?? new AcmeProblem('http', `answered ${status}`, retryAfter)
      }
    }
    return { data: text, status, statusText: '', headers, config: wanted }
  }
}

interface Answer {
  readonly status: number
  readonly headers: Record<string, string>
  readonly text: string
}

function ask({ url = '', method = 'GET', headers, data }: AcmeRequest, ca: string | undefined) {
  return new Promise<Answer>((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: plainHeaders(headers),
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
      ...(ca !== undefined && { ca }),
    })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      let text = ''
      incoming.setEncoding('utf8')
      incoming.on('error', reject)
      incoming.on('data', (piece: string) => {
        text += piece
        if (text.length > MAX_ANSWER_BYTES) outgoing.destroy(new Error('The answer is too long'))
      })
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          headers: plainHeaders(incoming.headers),
          text,
        }),
      )
    })
    outgoing.end(typeof data === 'string' ? data : undefined)
  })
}

function plainHeaders(headers: object): Record<string, string> {
  const kept = Object.entries(headers).filter(([, value]) => value !== undefined && value !== null)
  return Object.fromEntries(kept.map(([name, value]) => [name, String(value)]))
}

/** `Retry-After` is a number of seconds or a date (RFC 9110 §10.2.3). */
function secondsOf(retryAfter: string | undefined): number {
  if (retryAfter === undefined) return 0
  const isNumber = /^\d{1,9}$/.test(retryAfter)
  const seconds = isNumber ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000
  return Math.min(Math.max(Math.ceil(seconds || 0), 0), LONGEST_PAUSE_SECONDS)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
