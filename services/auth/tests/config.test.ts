import { spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { createCodeSender, newOpaqueSetup, newSigningKey, readAuthConfig } from '../src/index.ts'

const complete = {
  NODE_ENV: 'production',
  AUTH_DATABASE_URL: 'postgres://sotto_auth:4f9c1e7a2b8d6035@127.0.0.1/sotto',
  RABBITMQ_URL: 'amqp://sotto:e81b5d3f90a7c264@127.0.0.1/sotto',
  PUBLIC_URL: 'https://chat.example.org',
  SIGN_UP: 'invitation',
  AUTH_SIGNING_KEY: newSigningKey(),
  AUTH_OPAQUE_SETUP: await newOpaqueSetup(),
  AUTH_CODE_PEPPER: 'pK8dO2vXw7Qz1rTn5bYc9LmH4sJf6aGe',
  MAIL_SENDER: 'smtp',
  SMTP_URL: 'smtps://mailer:pass@mail.example.org',
  SMTP_FROM: 'codes@example.org',
  SMS_SENDER: 'webhook',
  CODE_WEBHOOK_URL: 'https://gateway.example.org/codes',
  CODE_WEBHOOK_SECRET: 'Zq4mN7xB1vC9kL3jH6gF8dS2aP5oI0uY',
}
const noPrint = () => {}

describe('in production', () => {
  test('a complete configuration is accepted', async () => {
    const config = await readAuthConfig(complete)

    expect(config).toMatchObject({ port: 8081, proxies: { trusted: [] }, madeUp: [] })
    expect(config.service).toMatchObject({
      issuer: 'https://chat.example.org',
      allowedOrigins: ['https://chat.example.org'],
    })
    expect(createCodeSender(complete, noPrint)).toBeTypeOf('function')
  })

  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  test.each([
    ['AUTH_CODE_PEPPER', undefined, /^AUTH_CODE_PEPPER: must be set in production$/],
    ['AUTH_CODE_PEPPER', 'short', /^AUTH_CODE_PEPPER: must have at least 32 characters/],
    ['AUTH_CODE_PEPPER', 'a'.repeat(64), /^AUTH_CODE_PEPPER: is too regular/],
    ['AUTH_CODE_PEPPER', 'change-me-0123456789-abcdefghijkl', /^AUTH_CODE_PEPPER: looks like an/],
    ['AUTH_SIGNING_KEY', '', /^AUTH_SIGNING_KEY: must be set in production$/],
    ['AUTH_SIGNING_KEY', 'no key', /^AUTH_SIGNING_KEY: must be an Ed25519 key/],
    [
      'AUTH_SIGNING_KEY',
      rsa.export({ type: 'pkcs8', format: 'pem' }).toString(),
      /^AUTH_SIGNING_KEY: must be an Ed25519 key/,
    ],
    ['AUTH_OPAQUE_SETUP', undefined, /^AUTH_OPAQUE_SETUP: must be set in production$/],
    ['AUTH_OPAQUE_SETUP', 'AAAA', /^AUTH_OPAQUE_SETUP: must be made with/],
    ['SIGN_UP', undefined, /^SIGN_UP: must be set in production: invitation, open or closed$/],
    ['SIGN_UP', 'anybody', /^SIGN_UP: must be open, invitation or closed$/],
    [
      'PUBLIC_URL',
      undefined,
      /^PUBLIC_URL: must be set in production, like https:\/\/chat\.example\.org$/,
    ],
    ['PUBLIC_URL', 'chat.example.org', /^PUBLIC_URL: must be like/],
    ['PUBLIC_URL', 'http://chat.example.org', /^PUBLIC_URL: must begin with https:/],
    ['ALLOWED_ORIGINS', 'https://*.example.org', /^ALLOWED_ORIGINS: must not contain a wildcard/],
    ['ALLOWED_ORIGINS', 'http://other.example.org', /^ALLOWED_ORIGINS: must begin with https:/],
    ['AUTH_DATABASE_URL', undefined, /^AUTH_DATABASE_URL: must be like postgres:/],
    ['AUTH_DATABASE_URL', 'postgres://sotto_auth@db/sotto', /^AUTH_DATABASE_URL: must have a pass/],
    ['AUTH_OWNER_DATABASE_URL', 'postgres://owner:short@db/sotto', /^AUTH_OWNER_DATABASE_URL: its/],
    ['RABBITMQ_URL', undefined, /^RABBITMQ_URL: must be like amqp:/],
    ['RABBITMQ_URL', 'amqp://guest:guest@mq', /^RABBITMQ_URL: must name a user other than guest/],
    ['RABBITMQ_URL', 'amqp://sotto:short@mq', /^RABBITMQ_URL: its password must have at least 16/],
    ['RABBITMQ_URL', `amqp://sotto:${'a'.repeat(20)}@mq`, /^RABBITMQ_URL: its password is too reg/],
    ['RATE_LIMIT_FACTOR', '10', /^RATE_LIMIT_FACTOR: must be 1/],
    ['TRUSTED_PROXIES', '10.0.0.7', /^GATEWAY_SECRET: must be set if TRUSTED_PROXIES is/],
    [
      'TRUSTED_PROXIES',
      'http://caddy',
      /^TRUSTED_PROXIES: must be addresses, networks or host names/,
    ],
    ['GATEWAY_SECRET', 'short', /^GATEWAY_SECRET: must have at least 32 characters/],
    [
      'GATEWAY_SECRET',
      `pK8dO2vXw7Qz1rTn5bYc9LmH4sJf6aGe;`,
      /^GATEWAY_SECRET: may contain only letters/,
    ],
    ['NODE_ENV', 'prod', /^NODE_ENV: must be development or production$/],
    ['DEFAULT_COUNTRY', 'Germany', /^DEFAULT_COUNTRY: must be a country code/],
  ])('%s of %j is rejected with one line', async (name, value, line) => {
    await expect(readAuthConfig({ ...complete, [name]: value })).rejects.toThrow(line)
  })

  test.each([
    ['MAIL_SENDER', 'terminal', /^MAIL_SENDER: must not be "terminal" in production$/],
    ['SMS_SENDER', 'terminal', /^SMS_SENDER: must not be "terminal" in production$/],
    ['SMTP_URL', undefined, /^SMTP_URL: must be set because of MAIL_SENDER$/],
    ['CODE_WEBHOOK_SECRET', 'short', /^CODE_WEBHOOK_SECRET: must have at least 32/],
  ])('the sender %s of %j is rejected with one line', (name, value, line) => {
    expect(() => createCodeSender({ ...complete, [name]: value }, noPrint)).toThrow(line)
  })

  test('a channel without a sender is closed, but not both', () => {
    const { SMS_SENDER, MAIL_SENDER, ...neither } = complete

    expect(createCodeSender({ ...neither, MAIL_SENDER }, noPrint).channels).toEqual(['email'])
    expect(createCodeSender({ ...neither, SMS_SENDER }, noPrint).channels).toEqual(['phone'])
    expect(() => createCodeSender(neither, noPrint)).toThrow(/^MAIL_SENDER: must be set unless SMS/)
  })

  test('a channel whose codes are printed reports that it sends none', () => {
    const { MAIL_SENDER, SMTP_URL, SMTP_FROM } = complete
    const trial = createCodeSender({ MAIL_SENDER, SMTP_URL, SMTP_FROM }, noPrint)

    expect(trial.channels).toEqual(['phone', 'email'])
    expect(trial.printed).toEqual(['phone'])
  })

  test('the value of an invalid variable is not repeated', async () => {
    const refusal = readAuthConfig({ ...complete, AUTH_CODE_PEPPER: 'my own pet name' })

    await expect(refusal).rejects.not.toThrow(/pet/)
  })

  test('the process exits with that line and status 1', async () => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
    const child = spawn(process.execPath, [main], {
      env: { ...complete, AUTH_CODE_PEPPER: 'short' },
    })
    let told = ''
    child.stderr.on('data', (chunk) => {
      told += chunk
    })
    const [status] = await once(child, 'close')

    expect(status).toBe(1)
    expect(told).toMatch(/^AUTH_CODE_PEPPER: must have at least 32 characters[^\n]*\n$/)
  })
})

test('in development, missing secrets are generated for the run and named', async () => {
  const { AUTH_DATABASE_URL, RABBITMQ_URL } = complete
  const config = await readAuthConfig({ AUTH_DATABASE_URL, RABBITMQ_URL })

  expect(config.madeUp).toEqual(['AUTH_SIGNING_KEY', 'AUTH_OPAQUE_SETUP', 'AUTH_CODE_PEPPER'])
  expect(config.service.codePepper).toHaveLength(43)
})

test('a signing key may contain line ends as \n, and several keys are published', async () => {
  const pem = (newSigningKey() + newSigningKey()).replaceAll('\n', '\\n')
  const config = await readAuthConfig({ ...complete, AUTH_SIGNING_KEY: pem })

  expect(config.service.signingKey.match(/BEGIN PRIVATE KEY/g)).toHaveLength(2)
})
