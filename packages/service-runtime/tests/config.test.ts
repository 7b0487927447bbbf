import { expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, flag, list, port, readConfig } from '../src/index.ts'

const schema = z.object({
  PORT: port.default(8080),
  DEBUG: flag.default(false),
  NAMES: list.default([]),
  SECRET: z.string().min(8, 'must have at least 8 characters').regex(/\d/, 'must have a digit'),
})

test('variables become typed values, and an empty one counts as absent', () => {
  const env = { PORT: '', DEBUG: 'true', NAMES: 'a, b,', SECRET: 'secret 1', HOME: '/root' }

  expect(readConfig(schema, env)).toEqual({
    PORT: 8080,
    DEBUG: true,
    NAMES: ['a', 'b'],
    SECRET: 'secret 1',
  })
})

test('each bad variable gets one line, without its value', () => {
  const read = () => readConfig(schema, { PORT: '99999', SECRET: 'canary' })

  expect(read).toThrow(ConfigError)
  expect(read).toThrow(/^PORT: [^\n]+\nSECRET: must have at least 8 characters$/)
})
