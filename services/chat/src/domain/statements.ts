import { DomainError } from '@sotto/service-runtime'
import type { z } from 'zod'

/** The protected headers of statements, byte for byte. */
const HEADERS = {
  record: '{"alg":"EdDSA","typ":"sotto-account+jws"}',
  credential: '{"alg":"EdDSA","typ":"sotto-device+jws"}',
} as const

/**
 * Reads the payload of a statement. The signature is not checked: only the people who have pinned the
 * identity key can, and a server that could vouch for it would have to be believed.
 */
export function parseStatement<S extends z.ZodType>(
  kind: keyof typeof HEADERS,
  statement: string,
  payloadSchema: S,
): z.output<S> {
  const [header = '', payload = '', signature = ''] = statement.split('.')
  const isStrict = [header, payload, signature].every(isCanonical)
  if (!isStrict || decode(header) !== HEADERS[kind]) throw invalid(kind)
  const parsed = payloadSchema.safeParse(parseJson(decode(payload)))
  if (!parsed.success) throw invalid(kind)
  return parsed.data
}

/** Bytes from base64url; undefined unless it is the one way to write them. */
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

function invalid(field: string): DomainError {
  return new DomainError('invalid_request', { field: `body/${field}` })
}
