import { type DestinationStream, type LogFn, type Logger, pino } from 'pino'

export type { Logger } from 'pino'

/**
 * Fields that are never logged, at the top level of the logged object or up to two levels below.
 */
const SECRET_FIELDS = [
  'authorization',
  'cookie',
  '"set-cookie"',
  '"x-sotto-gateway"',
  'token',
  'access_token',
  'refresh_token',
  'ticket',
  'code',
  'password',
  'phone',
  'email',
  'ciphertext',
  'body',
]

const redactedPaths = SECRET_FIELDS.flatMap((field) => {
  const quoted = field.startsWith('"')
  const below = (prefix: string) => (quoted ? `${prefix}[${field}]` : `${prefix}.${field}`)
  return [quoted ? `[${field}]` : field, below('*'), below('*.*')]
})

/** A logger that writes JSON lines to stdout, without secrets and without user content. */
export function createLogger(options: {
  name: string
  level?: string
  destination?: DestinationStream
}): Logger {
  const settings = {
    name: options.name,
    level: options.level ?? 'info',
    redact: { paths: redactedPaths, censor: '[redacted]' },
    serializers: { err: describeError },
    hooks: { logMethod: withText },
  }
  return options.destination ? pino(settings, options.destination) : pino(settings)
}

/** Without a message of ours, pino would log the error's message, bypassing the serializer. */
function withText(this: Logger, args: Parameters<LogFn>, log: LogFn) {
  const hasText = args.length > 1 || typeof args[0] === 'string'
  log.apply(this, hasText ? args : [args[0], 'no text'])
}

// PostgreSQL quotes the offending value in messages of this class ("data exception"), and the
// offending row in `detail`.
const QUOTES_VALUES = /^22/

/** The loggable parts of an error: where and why it happened, never the values involved. */
export function describeError(error: unknown, depth = 0): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined
  const isQuoting = error.name === 'PostgresError' && QUOTES_VALUES.test(code ?? '')
  return {
    type: error.name,
    errorCode: code,
    message: isQuoting ? 'data exception' : error.message,
    constraint: 'constraint_name' in error ? error.constraint_name : undefined,
    stack: error.stack?.split('\n').filter((line) => line.startsWith('    at ')),
    cause: error.cause && depth < 4 ? describeError(error.cause, depth + 1) : undefined,
  }
}
