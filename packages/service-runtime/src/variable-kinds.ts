import { z } from 'zod'

// What a wrong value is answered with is read behind the variable's name: its form and an example,
// never the value, which may be a secret.

/** A variable that is `true` or `false`. */
export const flag = z
  .enum(['true', 'false'], 'must be true or false')
  .transform((value) => value === 'true')

/** A variable that holds a list, separated by commas. */
export const list = z.string().transform((value) =>
  value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== ''),
)

/** A variable that holds a number without a fraction. */
export function wholeNumber(min: number, max: number, example: number) {
  const words = `must be a whole number from ${min} to ${max}, like ${example}`
  return z
    .string(words)
    .regex(/^\d{1,15}$/, words)
    .transform(Number)
    .pipe(z.number().min(min, words).max(max, words))
}

/** A variable that holds a TCP port; 0 is a free one. */
export const port = portFrom(0, 8081)

/** The same from `min` on. */
export function portFrom(min: 0 | 1, example: number) {
  const words = `must be a port from ${min} to 65535, like ${example}`
  return z
    .string(words)
    .regex(/^\d{1,5}$/, words)
    .transform(Number)
    .pipe(z.number().min(min, words).max(65_535, words))
}

const factorWords = 'must be a number above 0, like 1 or 0.5'

/** A variable that says how many times wider limits are. */
export const limitFactor = z
  .string(factorWords)
  .regex(/^\d{1,9}(\.\d{1,9})?$/, factorWords)
  .transform(Number)
  .pipe(z.number().positive(factorWords))

/** A variable that holds the address of a site: scheme, host and perhaps a port. */
export const webAddress = z
  .url({ protocol: /^https?$/, error: 'must be like https://chat.example.org' })
  .refine(isOrigin, 'must be like https://chat.example.org, without a path or anything behind it')

function isOrigin(address: string): boolean {
  // What is no address at all was found before, and comes here nevertheless.
  if (!URL.canParse(address)) return false
  const { username, password, pathname, search, hash } = new URL(address)
  return pathname === '/' && [username, password, search, hash].every((part) => part === '')
}

const HOST = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|[0-9a-f:.]*:[0-9a-f:.]*|\*|\[[0-9a-f:.]+\])$/i

/** A variable that says on which address of this machine is listened. */
export const listenHost = z
  .string()
  .max(253)
  .regex(HOST, 'must be an address or a name of this machine, like 127.0.0.1, 0.0.0.0 or ::1')

/** A variable that holds text that is shown nowhere but has to be the same in several programs. */
export const word = z
  .string()
  .regex(/^[\w.:/-]{1,128}$/, 'must be 1 to 128 letters, digits and .:/-_, like sotto')

/** A variable that says how much is logged. */
export const logLevel = z.enum(
  ['debug', 'info', 'warn', 'error'],
  'must be debug, info, warn or error',
)

/** A variable that holds the address of the database, with user and password. */
export const databaseUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must be like postgres://user:password@host:5432/sotto',
})

/** A variable that holds the address of RabbitMQ, with user, password and virtual host. */
export const rabbitmqUrl = z.url({
  protocol: /^amqps?$/,
  error: 'must be like amqp://user:password@host:5672/sotto',
})

/** A variable that says how many connections to the database one instance may open. */
export const poolSize = wholeNumber(2, 100, 10)

/** `production` makes the checks strict; anything but these three would be a slip of the pen. */
export const environmentName = z
  .enum(['development', 'production', 'test'], 'must be development or production')
  .default('development')
