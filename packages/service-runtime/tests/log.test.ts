import { expect, test } from 'vitest'
import { createLogger } from '../src/index.ts'

function logOf(write: (log: ReturnType<typeof createLogger>) => void) {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  write(createLogger({ name: 'test', level: 'debug', destination }))
  return lines.join('')
}

test.each([
  'authorization',
  'cookie',
  'set-cookie',
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
])('does not log a field named %s', (field) => {
  const secret = { [field]: 'the canary' }
  const text = logOf((log) => log.info({ ...secret, a: secret, b: { c: secret } }, 'hello'))

  expect(text).toContain('hello')
  expect(text).not.toContain('canary')
})

test('logs a PostgreSQL error without the values it quotes', () => {
  const error = Object.assign(new Error('invalid input syntax for type uuid: "the canary"'), {
    name: 'PostgresError',
    code: '22P02',
    detail: 'Key (phone)=(the canary) already exists.',
    query: 'insert the canary',
    parameters: ['the canary'],
  })
  const text = logOf((log) => log.error({ err: error }))

  expect(text).toContain('22P02')
  expect(text).not.toContain('canary')
})

test('control characters in a log line are escaped', () => {
  const text = logOf((log) => log.info('\u001b[31mred\nnext'))

  expect(text.trimEnd().split('\n')).toHaveLength(1)
  expect(text).not.toContain('\u001b')
})
