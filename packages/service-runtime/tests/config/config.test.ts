import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { ConfigError, flag, list, port, readConfig } from '../../src/index.ts'

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

test('a file may contain a variable, which must then not be set elsewhere', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-config-'))
  try {
    const file = join(folder, 'secret')
    await writeFile(file, 'secret 1\n')

    expect(readConfig(schema, { SECRET_FILE: file })).toMatchObject({ SECRET: 'secret 1' })
    const twice = () => readConfig(schema, { SECRET_FILE: file, SECRET: 'secret 2' })
    expect(twice).toThrow(/^SECRET: is set, but so is SECRET_FILE$/)
    const nowhere = () => readConfig(schema, { SECRET_FILE: join(folder, 'canary') })
    expect(nowhere).toThrow(
      /^SECRET_FILE: cannot be read \(ENOENT\); must be the path of a file[^\n]*$/,
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
