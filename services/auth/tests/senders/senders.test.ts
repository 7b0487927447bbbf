import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import { type AddressInfo, createServer as createSocketServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { parseEmailAddress } from '../../src/addresses/email-address.ts'
import { parsePhoneNumber } from '../../src/addresses/phone-number.ts'
import { createCodeSender, type OutgoingCode } from '../../src/index.ts'

const bySms: OutgoingCode = {
  channel: 'phone',
  address: parsePhoneNumber('+4915112345678'),
  code: '042137',
  ttlSeconds: 600,
}
const byMail: OutgoingCode = {
  channel: 'email',
  address: parseEmailAddress("o'brien@chat.test"),
  code: '042137',
  ttlSeconds: 600,
}
const noPrint = () => {}

/** An HTTP gateway that answers with `status` and records requests. */
async function startGateway(status = 200) {
  const requests: { request: IncomingMessage; body: string }[] = []
  const server = createServer(async (request, response) => {
    const chunks = await request.toArray()
    requests.push({ request, body: Buffer.concat(chunks).toString() })
    response.writeHead(status, { location: 'http://evil.test/' }).end('{}')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, requests, [Symbol.asyncDispose]: async () => void server.close() }
}

test('a webhook gets the code as JSON, signed with the shared secret', async () => {
  await using gateway = await startGateway()
  const secret = 'Zq4mN7xB1vC9kL3jH6gF8dS2aP5oI0uY'
  const send = createCodeSender(
    {
      SMS_SENDER: 'webhook',
      CODE_WEBHOOK_URL: `${gateway.url}/codes`,
      CODE_WEBHOOK_SECRET: secret,
    },
    noPrint,
  )
  await send(bySms)

  const [{ request, body } = { request: undefined, body: '' }] = gateway.requests
  const [, seconds, mac] = /^t=(\d+),v1=(\w+)$/.exec(`${request?.headers['sotto-signature']}`) ?? []
  expect(request?.url).toBe('/codes')
  expect(JSON.parse(body)).toEqual({ ...bySms, text: expect.stringContaining('042137') })
  expect(mac).toBe(createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'))
})

test('an SMS is sent through the API of Twilio', async () => {
  await using gateway = await startGateway(201)
  const send = createCodeSender(
    {
      SMS_SENDER: 'twilio',
      TWILIO_ACCOUNT_SID: 'AC1',
      TWILIO_AUTH_TOKEN: 'token',
      TWILIO_FROM: '+15005550006',
      TWILIO_API_URL: gateway.url,
    },
    noPrint,
  )
  await send(bySms)

  const [{ request, body } = { request: undefined, body: '' }] = gateway.requests
  expect(request).toMatchObject({ method: 'POST', url: '/2010-04-01/Accounts/AC1/Messages.json' })
  expect(request?.headers.authorization).toBe(`Basic ${btoa('AC1:token')}`)
  expect(Object.fromEntries(new URLSearchParams(body))).toEqual({
    From: '+15005550006',
    To: '+4915112345678',
    Body: expect.stringMatching(/^042137 is your Sotto code, valid for 10 minutes\./),
  })
})

test.each([302, 400, 500])(
  'a gateway that answers %i has not accepted the code',
  async (status) => {
    await using gateway = await startGateway(status)
    const send = createCodeSender(
      {
        SMS_SENDER: 'webhook',
        CODE_WEBHOOK_URL: gateway.url,
        CODE_WEBHOOK_SECRET: 'Zq4mN7xB1vC9kL3jH6gF8dS2aP5oI0uY',
      },
      noPrint,
    )

    await expect(send(bySms)).rejects.toThrow()
    expect(gateway.requests).toHaveLength(1)
  },
)

test('an email is sent by SMTP', async () => {
  await using mailbox = await startMailServer()
  const send = createCodeSender(
    { MAIL_SENDER: 'smtp', SMTP_URL: mailbox.url, SMTP_FROM: 'codes@example.org' },
    noPrint,
  )
  await send(byMail)

  expect(mailbox.text()).toContain('MAIL FROM:<codes@example.org>')
  expect(mailbox.text()).toContain("RCPT TO:<o'brien@chat.test>")
  expect(mailbox.text()).toContain('Subject: 042137 is your Sotto code')
})

test('in development, a code is printed', async () => {
  const lines: string[] = []
  await createCodeSender({}, (line) => lines.push(line))(bySms)

  expect(lines).toEqual(['Code for +4915112345678: 042137'])
})

/** The subset of SMTP that is needed to receive a mail. */
async function startMailServer() {
  let received = ''
  const server = createSocketServer((socket: Socket) => {
    let isBody = false
    socket.write('220 ready\r\n')
    socket.on('data', (chunk) => {
      received += chunk
      const text = chunk.toString()
      if (isBody && !text.endsWith('\r\n.\r\n')) return
      const isQuit = text.startsWith('QUIT')
      socket.write(
        text.startsWith('DATA') ? '354 go on\r\n' : isQuit ? '221 bye\r\n' : '250 ok\r\n',
      )
      isBody = text.startsWith('DATA')
      if (isQuit) socket.end()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    text: () => received,
    [Symbol.asyncDispose]: async () => void server.close(),
  }
}
