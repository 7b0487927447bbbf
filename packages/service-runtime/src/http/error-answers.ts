import type { ErrorAnswer } from '@sotto/wire'
import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  hasZodFastifySchemaValidationErrors,
  isResponseSerializationError,
} from 'fastify-type-provider-zod'
import { isDatabaseUnavailable } from '../database/postgres.ts'
import { DomainError } from '../errors.ts'
import { setApiHeaders } from './security-headers.ts'

const MAX_FIELD_CHARS = 100

/**
 * Converts a thrown error to an error for the client. `internal` reveals nothing about the cause.
 */
function toDomainError(error: unknown): DomainError {
  if (error instanceof DomainError) return error
  if (!(error instanceof Error)) return new DomainError('internal', undefined, { cause: error })
  if (isDatabaseUnavailable(error))
    return new DomainError('unavailable', undefined, { cause: error })
  if (hasZodFastifySchemaValidationErrors(error)) {
    // The path of the first invalid field, never its value.
    const path = `${error.validationContext ?? 'body'}${error.validation[0]?.instancePath ?? ''}`
    return new DomainError('invalid_request', { field: path.slice(0, MAX_FIELD_CHARS) })
  }
  if (isResponseSerializationError(error)) {
    return new DomainError('internal', undefined, { cause: error })
  }
  return fromFastify(error)
}

/** Fastify's own errors: bodies that are too large, of the wrong type, or not JSON. */
function fromFastify(error: Error): DomainError {
  const cause = { cause: error }
  const status = 'statusCode' in error && 'code' in error ? error.statusCode : 500
  if (status === 413) return new DomainError('too_large', undefined, cause)
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new DomainError('invalid_request', undefined, cause)
  }
  // The timeout of a handler.
  if (status === 503) return new DomainError('unavailable', undefined, cause)
  return new DomainError('internal', undefined, cause)
}

/** The response body for a code. */
function errorAnswer({ code, details }: DomainError): ErrorAnswer {
  return details ? { code, details } : { code }
}

/**
 * The only error handler: answers with a code from the closed list, and logs errors that are our
 * fault.
 */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const outcome = toDomainError(error)
  if (outcome.status >= 500) {
    request.log.error({ err: outcome.cause ?? outcome, outcome: outcome.code }, 'request failed')
  }
  setApiHeaders(reply)
  if (outcome.code === 'unauthenticated') reply.header('www-authenticate', 'Bearer')
  if (outcome.status === 429) {
    reply.header('retry-after', String(outcome.details?.retryAfterSeconds ?? 1))
  }
  return reply.code(outcome.status).send(errorAnswer(outcome))
}
