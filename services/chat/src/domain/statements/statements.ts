import { DomainError } from '@sotto/service-runtime'
import { STATEMENT_HEADERS, type StatementKind } from '@sotto/wire'
import type { z } from 'zod'

/** Parses the payload of a statement. `verifyStatement` checks its signature. */
export function parseStatement<S extends z.ZodType>(
  kind: StatementKind,
  statement: string,
  payloadSchema: S,
): z.output<S> {
  const parts = statement.split('.')
  const [header = ''] = parts
  if (!parts.every(isCanonical) || decode(header) !== STATEMENT_HEADERS[kind]) throw invalid(kind)
  const parsed = payloadSchema.safeParse(readPayload(statement))
  if (!parsed.success) throw invalid(kind)
  return parsed.data
}

/** The payload of a statement as JSON; undefined if it is not JSON. */
export function readPayload(statement: string): unknown {
  const [, payload = ''] = statement.split('.')
  return parseJson(decode(payload))
}

/** Bytes from base64url; undefined unless the encoding is canonical. */
export function bytesOf(text: string): Uint8Array | undefined {
  return isCanonical(text) ? Buffer.from(text, 'base64url') : undefined
}

function isCanonical(text: string): boolean {
  return Buffer.from(text, 'base64url').toString('base64url') === text
}

function decode(part: string): string | undefined {
  try {
    const bytes = Buffer.from(part, 'base64url')
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

function parseJson(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function invalid(kind: StatementKind): DomainError {
  // Successions come in a list.
  const field = kind === 'succession' ? 'successions' : kind
  return new DomainError('invalid_request', { field: `body/${field}` })
}
