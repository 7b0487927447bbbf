import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpsServer } from 'node:https'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer as createTlsServer } from 'node:tls'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseEmailAddress } from '../../src/addresses/email-address.ts'
import { parsePhoneNumber } from '../../src/addresses/phone-number.ts'
import { createCodeSender, type OutgoingCode } from '../../src/index.ts'
import { explainFailure } from '../../src/senders/explain-failure.ts'
import { startAuth } from '../auth-under-test.ts'

const folder = mkdtempSync(join(tmpdir(), 'sotto-smtp-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A self-signed certificate, as people create for their own server. */
function ownCertificate(name: string) {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)]
  const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
  const names = ['-days', '2', '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  execFileSync('openssl', ['req', ...kind, ...names, '-keyout', key, '-out', cert], {
    stdio: 'pipe',
  })
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
}

interface MailServer extends AsyncDisposable {
  readonly port: number
  readonly mails: number
}

/** The necessary subset of SMTP; `answers` overrides the answer to a command. */
async function startMailServer(
  make: (serve: (socket: Socket) => void) => Server,
  answers: Record<string, string> = {},
): Promise<MailServer> {
  let mails = 0
  const server = make((socket) => {
    let isBody = false
    socket.on('error', () => socket.destroy())
    socket.write('220 ready\r\n')
    socket.on('data', (chunk) => {
      const text = chunk.toString()
      if (isBody && !text.endsWith('\r\n.\r\n')) return
      if (isBody) mails += 1
      isBody = text.startsWith('DATA')
      const command = text.slice(0, 4)
      const usual = isBody ? '354 go on' : command === 'EHLO' ? '250 AUTH PLAIN' : '250 ok'
      socket.write(`${answers[command] ?? usual}\r\n`)
      if (command === 'QUIT') socket.end()
    })
  })
  server.on('error', () => {})
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    get mails() {
      return mails
    },
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}

const plain = (answers?: Record<string, string>) =>
  startMailServer((serve) => createServer(serve), answers)
const overTls = (certificate: { key: string; cert: string }) =>
  startMailServer((serve) => createTlsServer(certificate, serve))

const outgoing = { code: '042137', ttlSeconds: 600 }
const mail: OutgoingCode = {
  ...outgoing,
  channel: 'email',
  address: parseEmailAddress('alice@chat.test'),
}

/** Sends a code. Resolves to the reason for the failure, or to undefined. */
async function send(variables: Record<string, string>): Promise<string | undefined> {
  const env = { MAIL_SENDER: 'smtp', SMTP_FROM: 'codes@example.org', ...variables }
  return createCodeSender(env, () => {})(mail).then(
    () => undefined,
    (error: unknown) => explainFailure(error).why,
  )
}

describe('a mail server with a self-signed certificate', () => {
  let localhost: { key: string; cert: string }
  let elsewhere: { key: string; cert: string }
  beforeAll(() => {
    localhost = ownCertificate('localhost')
    elsewhere = ownCertificate('mail.example.org')
  })

  test('is rejected with a message that names the solution', async () => {
    await using server = await overTls(localhost)
    const why = await send({ SMTP_URL: `smtps://localhost:${server.port}` })
    expect(why).toMatch(/^the server's certificate is signed by an authority .* SMTP_CA sets/)
    expect(server.mails).toBe(0)
  })

  test('is trusted once the operator configures it', async () => {
    await using server = await overTls(localhost)
    const SMTP_URL = `smtps://localhost:${server.port}`
    expect(await send({ SMTP_URL, SMTP_CA: localhost.cert })).toBeUndefined()
    expect(await send({ SMTP_URL, SMTP_CA_FILE: join(folder, 'localhost.pem') })).toBeUndefined()
    expect(server.mails).toBe(2)
  })

  test('is not trusted because of another certificate or for another host', async () => {
    await using server = await overTls(localhost)
    await using other = await overTls(elsewhere)
    expect(
      await send({ SMTP_URL: `smtps://localhost:${server.port}`, SMTP_CA: elsewhere.cert }),
    ).toMatch(/signed by an authority/)
    expect(
      await send({ SMTP_URL: `smtps://localhost:${other.port}`, SMTP_CA: elsewhere.cert }),
    ).toMatch(/is for a different name/)
    expect([server.mails, other.mails]).toEqual([0, 0])
  })

  test('an SMS gateway with such a certificate is rejected with a message, too', async () => {
    const server = createHttpsServer(localhost, (_, response) => response.end()).listen(0)
    await once(server, 'listening')
    const sendCode = createCodeSender(
      {
        SMS_SENDER: 'webhook',
        CODE_WEBHOOK_URL: `https://localhost:${(server.address() as AddressInfo).port}/codes`,
        CODE_WEBHOOK_SECRET: 'Zq4mN7xB1vC9kL3jH6gF8dS2aP5oI0uY',
      },
      () => {},
    )
    const sms = {
      ...outgoing,
      channel: 'phone',
      address: parsePhoneNumber('+4915112345678'),
    } as const
    const error = await sendCode(sms).catch((cause: unknown) => cause)
    expect(explainFailure(error).why).toMatch(/signed by an authority .* NODE_EXTRA_CA_CERTS/)
    server.close()
  })
})

describe('a remote mail server without TLS', () => {
  // Every address of this block is this machine, but the sender treats only the first one as local.
  const away = ({ port }: MailServer) => `smtp://127.0.0.2:${port}`

  test('gets nothing by default, and the message says what to do', async () => {
    await using server = await plain({ STAR: '502 no' })
    expect(await send({ SMTP_URL: away(server) })).toMatch(/does not offer STARTTLS.*SMTP_TLS/)
    expect(server.mails).toBe(0)
  })

  test('gets codes if the operator allows it', async () => {
    await using server = await plain({ STAR: '502 no' })
    expect(await send({ SMTP_URL: away(server), SMTP_TLS: 'off' })).toBeUndefined()
    expect(server.mails).toBe(1)
  })

  test('cannot be reached by smtps:// without TLS', async () => {
    expect(() =>
      createCodeSender(
        {
          MAIL_SENDER: 'smtp',
          SMTP_URL: 'smtps://mail.example.org',
          SMTP_FROM: 'codes@example.org',
          SMTP_TLS: 'off',
        },
        () => {},
      ),
    ).toThrow(/^SMTP_TLS: must not be off if SMTP_URL begins with smtps/)
  })
})

test.each([
  ['nothing listens', {}, 'smtp', /^nothing listens/],
  ['a port without TLS is addressed with TLS', {}, 'smtps', /does not use TLS on this port/],
  ['the log-in is rejected', { AUTH: '535 alice@chat.test: no' }, 'smtp', /rejects the user or/],
  ['the address is rejected', { RCPT: '550 alice@chat.test? no' }, 'smtp', /rejects the sender/],
  ['something else answers', { EHLO: '?', HELO: '?' }, 'smtp', /is not a mail server|connection/],
])('%s: the cause is explained without quoting the answer', async (name, answers, scheme, why) => {
  const server = await plain(answers)
  if (name === 'nothing listens') await server[Symbol.asyncDispose]()
  const told = await send({ SMTP_URL: `${scheme}://user:pass@127.0.0.1:${server.port}` })
  expect(told).toMatch(why)
  expect(told).not.toContain('alice')
  await server[Symbol.asyncDispose]()
})

test('the log contains the cause, but neither the address nor the code', async () => {
  await using server = await plain({ RCPT: '550 alice@chat.test? no' })
  const sendCode = createCodeSender(
    {
      MAIL_SENDER: 'smtp',
      SMTP_URL: `smtp://127.0.0.1:${server.port}`,
      SMTP_FROM: 'codes@example.org',
    },
    () => {},
  )
  await using auth = await startAuth({}, { sendCode })
  await auth.call('POST', '/auth/email/start', { body: { email: mail.address } })
  await expect.poll(() => auth.logLines.join('')).toContain('a code could not be sent')

  const line = auth.logLines.find((one) => one.includes('a code could not be sent')) ?? ''
  expect(JSON.parse(line)).toMatchObject({
    reason: 'EENVELOPE',
    why: expect.stringContaining('rejects the sender, which is SMTP_FROM'),
  })
  expect(line).not.toMatch(/alice@chat\.test|550/)
})

test.each([
  ['SMTP_CA', 'no certificate', /^SMTP_CA: must be certificates in PEM/],
  ['SMTP_CA', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', /^SMTP_CA: must be/],
  ['SMTP_TLS', 'maybe', /^SMTP_TLS: must be required or off$/],
  ['SMTP_FROM', 'Sotto', /^SMTP_FROM: must be an address like sotto@example\.org/],
  ['SMTP_URL', 'mail.example.org', /^SMTP_URL: must be like smtps:/],
])('%s of %j is rejected with one line', (name, value, line) => {
  expect(() => createCodeSender({ [name]: value }, () => {})).toThrow(line)
})
