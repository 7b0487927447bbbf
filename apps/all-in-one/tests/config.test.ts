import { expect, test } from 'vitest'
import { readAllInOneConfig } from '../src/config.ts'

test('without any variable it is localhost, port 8080, data in the clone', () => {
  const config = readAllInOneConfig({})
  expect(config).toMatchObject({
    port: 8080,
    host: 'localhost',
    publicUrl: 'http://localhost:8080',
  })
  expect(config.dataFolder).toMatch(/\/data$/)
  expect(config.origins).toContain('http://127.0.0.1:8080')
})

test('a public address is where people are sent, and may call', () => {
  const config = readAllInOneConfig({ PUBLIC_URL: 'https://chat.example.org/', PORT: '9000' })
  expect(config.publicUrl).toBe('https://chat.example.org')
  expect(config.origins).toEqual(
    expect.arrayContaining(['http://localhost:9000', 'https://chat.example.org']),
  )
})

test.each([
  [{ PORT: 'abc' }, 'PORT: must be a port from 1 to 65535, like 8080'],
  [{ PORT: '0' }, 'PORT: must be a port from 1 to 65535, like 8080'],
  [{ PORT: '99999' }, 'PORT: must be a port from 1 to 65535, like 8080'],
  [{ PORT: '80.5' }, 'PORT: must be a port from 1 to 65535, like 8080'],
  [{ PORT: '0x50' }, 'PORT: must be a port from 1 to 65535, like 8080'],
  [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: must be debug, info, warn or error'],
  [{ PUBLIC_URL: 'chat.example.org' }, 'PUBLIC_URL: must be like https://chat.example.org'],
  [
    { ALLOWED_ORIGINS: 'https://a.example,x' },
    'ALLOWED_ORIGINS: must be like https://chat.example.org',
  ],
  [{ NODE_ENV: 'production', SIGN_UP: 'open' }, 'PUBLIC_URL: must be set in production'],
  [
    { NODE_ENV: 'production', PUBLIC_URL: 'https://chat.example.org' },
    'SIGN_UP: must be set in production',
  ],
  [{ DEFAULT_COUNTRY: 'XX' }, 'DEFAULT_COUNTRY: must be a country code like DE'],
])('%j is refused in one line', (environment, line) => {
  expect(() => readAllInOneConfig(environment)).toThrow(new RegExp(`^${line}$`))
})
