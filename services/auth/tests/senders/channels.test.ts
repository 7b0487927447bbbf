import { createApp, createInProcessBroker, createLogger } from '@sotto/service-runtime'
import { expect, test } from 'vitest'
import { createMigratedDatabase } from '../../../../tests/postgres/test-database.ts'
import {
  createAuthService,
  createCodeSender,
  newOpaqueSetup,
  newSigningKey,
  type OutgoingCode,
} from '../../src/index.ts'

const log = createLogger({ name: 'test', level: 'silent' })

test('a server that sends codes only by email says so when asked for an SMS', async () => {
  await using database = await createMigratedDatabase()
  const broker = createInProcessBroker({ log })
  const lines: string[] = []
  const byMail = createCodeSender(
    { MAIL_SENDER: 'terminal', SMS_SENDER: 'none' },
    (line) => void lines.push(line),
  )
  const service = await createAuthService({
    sql: database.sql,
    broker,
    log,
    config: {
      issuer: 'https://chat.test',
      audience: 'sotto',
      signingKey: newSigningKey(),
      opaqueSetup: await newOpaqueSetup(),
      codePepper: 'pK8dO2vXw7Qz1rTn5bYc9LmH4sJf6aGe',
      allowedOrigins: [],
    },
    sendCode: byMail,
  })
  await service.start()
  const app = createApp({ log })
  await app.register(service.plugin)
  const start = (way: string, payload: object) =>
    app.inject({ method: 'POST', url: `/auth/${way}/start`, payload })

  const open = await app.inject({ method: 'GET', url: '/auth/channels' })
  expect([open.statusCode, open.json()]).toEqual([200, { channels: ['email'] }])
  const bySms = await start('phone', { phone: '+4915112370001' })
  expect([bySms.statusCode, bySms.json()]).toEqual([403, { code: 'channel_closed' }])
  const [counted] = await database.sql`select count(*)::int as codes from auth.challenges`
  expect(counted?.codes).toBe(0)
  expect((await start('email', { email: 'alice@chat.test' })).statusCode).toBe(200)
  await expect.poll(() => lines.length).toBe(1)

  await app.close()
  await service.close()
  await broker.close()
  const outgoing: OutgoingCode = {
    channel: 'phone',
    address: '+4915112370001' as never,
    code: '123456',
    ttlSeconds: 600,
  }
  await expect(byMail(outgoing)).rejects.toThrow('No sender is configured for phone codes')
})
