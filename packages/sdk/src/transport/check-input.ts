import { type Endpoint, hiddenCharacterIn, LineProblem } from '@sotto/wire'
import type { z } from 'zod'
import type { ClientErrorCode } from '../api/error-codes.ts'
import { ClientError } from '../api/errors.ts'

/** The parts of a request, before it is sent. */
export interface RequestParts {
  readonly params?: Record<string, unknown>
  readonly query?: Record<string, unknown>
  readonly body?: unknown
}

/** The error codes for user input, by field name. */
const CODES: Readonly<Record<string, ClientErrorCode>> = {
  phone: 'invalid_phone',
  email: 'invalid_email',
  code: 'wrong_code',
  challengeId: 'code_expired',
  name: 'invalid_name',
}

/**
 * Validates a request against the service's own schemas, so that nothing it would refuse is sent. Throws the problem
 * with the person's input, or `invalid_input`.
 */
export function checkRequest(endpoint: Endpoint, input: RequestParts): void {
  for (const part of ['params', 'query', 'body'] as const) {
    const result = endpoint[part]?.safeParse(input[part])
    if (result && !result.success) throw refusalOf(part, input[part], result.error)
  }
}

function refusalOf(part: string, value: unknown, error: z.ZodError): ClientError {
  const path = error.issues[0]?.path ?? []
  // If any of several bodies would do, the issue doesn't say which field it concerns.
  const [only, ...others] = Object.keys(value ?? {})
  const field = path.at(-1) ?? (others.length === 0 ? only : undefined)
  const code = CODES[String(field)]
  if (code === 'invalid_name') return invalidName(valueAt(value, path), error)
  return new ClientError(code ?? 'invalid_input', { field: [part, ...path].join('/') })
}

/** The problem with a name that a schema has refused. */
export function invalidName(name: unknown, error: z.ZodError): ClientError {
  const reason = LineProblem.safeParse(error.issues[0]?.message)
  const character = typeof name === 'string' ? hiddenCharacterIn(name) : undefined
  return new ClientError('invalid_name', {
    ...(reason.success && { problem: reason.data }),
    ...(reason.data === 'hidden_character' && character && { character }),
  })
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<PropertyKey, unknown>)?.[key], value)
}
