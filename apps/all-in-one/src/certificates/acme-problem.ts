import { z } from 'zod'

const URN = 'urn:ietf:params:acme:error:'

/**
 * A problem document (RFC 8555 §6.7). The authority's text is shortened to what can be displayed.
 */
const Document = z.object({
  type: z.string().max(200).default('about:blank'),
  detail: z.string().default(''),
})

/** An authority's refusal. */
export class AcmeProblem extends Error {
  override readonly name = 'AcmeProblem'
  /**
   * The last part of the type, such as `rateLimited`; `http` for an answer that is not a problem
   * document.
   */
  readonly kind: string
  /** The authority's own text, without terminal control characters. */
  readonly detail: string
  /** How long the authority asks to wait. */
  readonly retryAfterSeconds: number

  constructor(kind: string, detail: string, retryAfterSeconds = 0) {
    super(`${kind}: ${detail}`)
    this.kind = kind
    this.detail = detail
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Parses the problem in an answer, or in a failed challenge; undefined if there is none. */
export function readProblem(value: unknown, retryAfterSeconds = 0): AcmeProblem | undefined {
  const document = Document.safeParse(value)
  if (!document.success) return undefined
  const { type, detail } = document.data
  const kind = type.startsWith(URN) ? type.slice(URN.length) : type
  return new AcmeProblem(kind, printable(detail), retryAfterSeconds)
}

const MAX_DETAIL_CHARS = 300

function printable(text: string): string {
  const line = text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim()
  return line.length > MAX_DETAIL_CHARS ? `${line.slice(0, MAX_DETAIL_CHARS)}…` : line
}
