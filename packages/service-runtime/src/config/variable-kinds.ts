import { z } from 'zod'

// The message for an invalid value follows the variable's name. It states the form and an example,
// never the value, which may be a secret.

/** A variable that is `true` or `false`. */
export const flag = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((value) => value === 'true')

/** A variable with a list, separated by commas. */
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
)

/** A variable with an integer. */
export function wholeNumber(min: number, max: number, example: number) {
  const words = `must be a whole number from ${min} to ${max}, like ${example}`
  return z
    .string(words)
    .regex(/^\d{1,15}$/, words)
    .transform(Number)
    .pipe(z.number().min(min, words).max(max, words))
}

/** A variable with a TCP port; 0 means any free port. */
export const port = portFrom(0, 8081)

/** The same, but at least `min`. */
export function portFrom(min: 0 | 1, example: number) {
  const words = `must be a port from ${min} to 65535, like ${example}`
  return z
    .string(words)
    .regex(/^\d{1,5}$/, words)
    .transform(Number)
    .pipe(z.number().min(min, words).max(65_535, words))
}

const factorWords = 'must be a number above 0, like 1 or 0.5'

/** A variable with a factor by which limits are multiplied. */
export const limitFactor = z
  .string(factorWords)
  .regex(/^\d{1,9}(\.\d{1,9})?$/, factorWords)
  .transform(Number)
  .pipe(z.number().positive(factorWords))

/** A variable with the address of a site: scheme, host and optionally a port. */
export const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be like https://chat.example.org' })
  .refine(
    isOrigin,
    'must be like https://chat.example.org, without a path or anything else after it',
  )

function isOrigin(address: string): boolean {
  // An invalid URL was already reported, but zod still calls this.
  if (!URL.canParse(address)) return false
  const { username, password, pathname, search, hash } = new URL(address)
  return pathname === '/' && [username, password, search, hash].every((part) => part === '')
}

const HOST = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*|\*|\[[0-9a-f:.]+\])$/i

/** A variable with the address on this machine to listen on. */
export const listenHost = z
  .string()
  .max(253)
  .regex(HOST, 'must be an address or a name of this machine, like 127.0.0.1, 0.0.0.0 or ::1')

/** A variable with text that is never displayed but must be equal in several programs. */
export const word = z
  .string()
  .regex(/^[\w.:/-]{1,128}$/, 'must be 1 to 128 letters, digits and .:/-_, like sotto')

/** A variable with the log level. */
export const logLevel = z.enum(
  ['debug', 'info', 'warn', 'error'],
  'must be debug, info, warn or error',
)

/** A variable with the database URL, including user and password. */
export const databaseUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must be like postgres://user:password@host:5432/sotto',
})

/** A variable with the RabbitMQ URL, including user, password and virtual host. */
export const rabbitmqUrl = z.url({
  protocol: /^amqps?$/,
  error: 'must be like amqp://user:password@host:5672/sotto',
})

/** A variable with the number of database connections that one instance may open. */
export const poolSize = wholeNumber(2, 100, 10)

/** `production` enables the strict checks. Any value other than these three must be a typo. */
export const environmentName = z
  .enum(['development', 'production', 'test'], 'must be development or production')
  .default('development')
