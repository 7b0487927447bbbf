import { expect, test } from 'vitest'
import { readAllInOneConfig } from '../src/config.ts'

test('without any variable it is localhost, port 8080, with data in the clone', () => {
  const config = readAllInOneConfig({})
  expect(config).toMatchObject({
    port: 8080,
    host: 'localhost',
    publicUrl: 'http://localhost:8080',
  })
  expect(config.dataFolder).toMatch(/\/data$/)
  expect(config.origins).toContain('http://127.0.0.1:8080')
})

test('a public address is the one that users are sent to, and may call', () => {
  const config = readAllInOneConfig({ PUBLIC_URL: 'https://chat.example.org/', PORT: '9000' })
  expect(config.publicUrl).toBe('https://chat.example.org')
  expect(config.origins).toEqual(
    expect.arrayContaining(['http://localhost:9000', 'https://chat.example.org']),
  )
})

test("a domain is served on the web's ports, at every address, and users are sent to it", () => {
  const config = readAllInOneConfig({ DOMAIN: 'Chat.Example.org' })
  expect(config).toMatchObject({
    port: 443,
    publicUrl: 'https://chat.example.org',
    origins: ['https://chat.example.org'],
    acmeListener: { httpPort: 80, acme: { domain: 'chat.example.org', email: undefined } },
  })
  expect(['::', '0.0.0.0']).toContain(config.host)
  expect(readAllInOneConfig({ DOMAIN: 'bücher.example' }).publicUrl).toBe(
    'https://xn--bcher-kva.example',
  )
})

test.each([
  [{ HTTPS_PORT: '8443' }, 'https://chat.example.org:8443'],
  [{ HTTPS_PORT: '8443', PUBLIC_URL: 'https://chat.example.org' }, 'https://chat.example.org'],
  [{ NODE_ENV: 'production', SIGN_UP: 'closed' }, 'https://chat.example.org'],
])('a domain with %j is %s', (environment, publicUrl) => {
  const config = readAllInOneConfig({ DOMAIN: 'chat.example.org', ...environment })
  expect(config.publicUrl).toBe(publicUrl)
})

const domainWords =
  'DOMAIN: must be a domain name without https://, port or path, like chat.example.org'

test.each([
  [{ DOMAIN: 'https://chat.example.org' }, domainWords],
  [{ DOMAIN: 'chat.example.org:443' }, domainWords],
  [{ DOMAIN: '203.0.113.7' }, domainWords],
  [{ DOMAIN: 'localhost' }, domainWords],
  [{ DOMAIN: 'chat..example.org' }, domainWords],
  [{ DOMAIN: 'chat.example.org', PORT: '9000' }, 'PORT: cannot be used with DOMAIN; .*'],
  [
    { DOMAIN: 'chat.example.org', PUBLIC_URL: 'https://example.org' },
    'PUBLIC_URL: must have the name in DOMAIN, like https://chat.example.org, .*',
  ],
  [
    { DOMAIN: 'chat.example.org', PUBLIC_URL: 'http://chat.example.org' },
    'PUBLIC_URL: must have the name in DOMAIN, like https://chat.example.org, .*',
  ],
  [{ ACME_EMAIL: 'admin@example.org' }, 'DOMAIN: must be set if ACME variables are, .*'],
  [{ HTTPS_PORT: '443' }, 'HTTPS_PORT: requires DOMAIN; .*'],
  [
    { DOMAIN: 'chat.example.org', ACME_CA_CERTIFICATE: '/nowhere.pem' },
    'ACME_CA_CERTIFICATE: must be certificates in PEM .*',
  ],
])('%j is rejected', (environment, line) => {
  expect(() => readAllInOneConfig(environment)).toThrow(new RegExp(`^${line}$`))
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
  [
    { NODE_ENV: 'production', SIGN_UP: 'open' },
    'PUBLIC_URL: must be set in production, like https://chat.example.org',
  ],
  [
    { NODE_ENV: 'production', PUBLIC_URL: 'https://chat.example.org' },
    'SIGN_UP: must be set in production: invitation, open or closed',
  ],
  [{ DEFAULT_COUNTRY: 'XX' }, 'DEFAULT_COUNTRY: must be a country code like DE'],
])('%j is rejected in one line', (environment, line) => {
  expect(() => readAllInOneConfig(environment)).toThrow(new RegExp(`^${line}$`))
})
