import { z } from 'zod'

/** Every outcome that a client must handle. Clients branch on the code, never on text. */
export const ErrorCode = z.enum([
  // any service
  'invalid_request',
  'too_large',
  'not_found',
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'unavailable',
  'internal',
  // auth
  'invalid_phone',
  'invalid_email',
  'phone_not_served',
  'channel_closed',
  'sms_used_up',
  'sign_up_closed',
  'invitation_refused',
  'invitation_not_found',
  'wrong_code',
  'code_expired',
  'wrong_credentials',
  'ticket_expired',
  'refresh_refused',
  'account_not_found',
  'account_suspended',
  'session_not_found',
  // chat: people and keys
  'stale_version',
  'bad_signature',
  'device_not_enrolled',
  'device_id_taken',
  'device_not_proven',
  'new_keys_wait',
  'new_keys_stopped',
  'directory_closed',
  // chat: conversations
  'conversation_not_found',
  'conversation_exists',
  'conversation_closed',
  'request_pending',
  'protocol_not_supported',
  'participants_not_supported',
  'envelope_id_taken',
  'too_many',
  'quota_exceeded',
])
export type ErrorCode = z.infer<typeof ErrorCode>

const RETRYABLE: ReadonlySet<string> = new Set<ErrorCode>([
  'unavailable',
  'rate_limited',
  'internal',
])

/** Whether the same request, unchanged, may succeed later. Every other error is final. */
export function isRetryable(code: string): boolean {
  return RETRYABLE.has(code)
}

/** The body of every response that is not a success. */
export const ErrorAnswer = z.strictObject({
  code: ErrorCode,
  details: z.record(z.string().max(64), z.union([z.string(), z.number(), z.boolean()])).optional(),
})
export type ErrorAnswer = z.infer<typeof ErrorAnswer>
export type ErrorDetails = NonNullable<ErrorAnswer['details']>

/** The HTTP status of each code. */
export const httpStatus: Record<ErrorCode, number> = {
  invalid_request: 400,
  too_large: 413,
  not_found: 404,
  unauthenticated: 401,
  forbidden: 403,
  rate_limited: 429,
  unavailable: 503,
  internal: 500,
  invalid_phone: 400,
  invalid_email: 400,
  phone_not_served: 403, // a country that is not served, or a premium-rate range
  channel_closed: 403, // this server does not send codes through this channel
  sms_used_up: 429, // the operator's SMS budget is used up
  sign_up_closed: 403, // this server does not accept new accounts
  invitation_refused: 403, // missing, unknown, used up, or expired
  invitation_not_found: 404,
  wrong_code: 400,
  code_expired: 410,
  wrong_credentials: 401,
  ticket_expired: 410,
  refresh_refused: 401,
  account_not_found: 404,
  account_suspended: 403, // by the operator; told only to a caller who has proven ownership
  session_not_found: 404,
  stale_version: 409,
  bad_signature: 400,
  device_not_enrolled: 409,
  device_id_taken: 409,
  device_not_proven: 403, // the device of this session has not proven that it belongs to the account
  new_keys_wait: 409, // until `dueAt`; the account's devices may stop it in the meantime
  new_keys_stopped: 409,
  directory_closed: 403,
  conversation_not_found: 404, // also for strangers: a 403 would confirm that it exists
  conversation_exists: 409,
  conversation_closed: 403,
  request_pending: 409,
  protocol_not_supported: 400,
  participants_not_supported: 400,
  envelope_id_taken: 409,
  too_many: 409,
  quota_exceeded: 409,
}
