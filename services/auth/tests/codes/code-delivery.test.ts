import { randomUUID } from 'node:crypto'
import {
  type Broker,
  createInProcessBroker,
  createLogger,
  createRabbitmqBroker,
} from '@sotto/service-runtime'
import { ChallengeId } from '@sotto/wire'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../../../../tests/network/eventually.ts'
import { startTestRabbitmq, type TestRabbitmq } from '../../../../tests/programs/rabbitmq.ts'
import { newCode } from '../../src/secrets/one-time-code.ts'
import { newDevice, startAuth, startAuthOn } from '../auth-under-test.ts'

const log = createLogger({ name: 'test', level: 'silent' })
const phone = '+4915112345678'
const email = 'alice@chat.test'

let rabbitmq: TestRabbitmq
beforeAll(async () => {
  rabbitmq = await startTestRabbitmq()
})
afterAll(() => rabbitmq[Symbol.asyncDispose]())

const joinRabbitmq = (prefix: string): Promise<Broker> =>
  createRabbitmqBroker({ url: rabbitmq.url, log, prefix, jobs: { retryDelayMs: 5 } })

test('codes have six digits, and all digits are equally likely', () => {
  const codes = Array.from({ length: 20_000 }, newCode)
  expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true)

  for (let place = 0; place < 6; place += 1) {
    const counts = Array.from({ length: 10 }, () => 0)
    for (const code of codes) counts[Number(code[place])] = (counts[Number(code[place])] ?? 0) + 1
    // Chi-squared with 9 degrees of freedom: 33.7 is exceeded once in 10,000.
    const chiSquared = counts.reduce((sum, count) => sum + (count - 2_000) ** 2 / 2_000, 0)
    expect(chiSquared).toBeLessThan(33.7)
  }
})

test('a code that cannot be sent is generated and sent again, and the log contains neither code nor address', async () => {
  const tried: string[] = []
  const sendCode = async ({ address, code }: { address: string; code: string }) => {
    tried.push(code)
    if (tried.length < 3) throw Object.assign(new Error(`550 ${address} ${code}`), { code: 'E550' })
  }
  await using auth = await startAuth({}, { sendCode })
  const { challengeId } = (await auth.call('POST', '/auth/email/start', { body: { email } })).body
  const code = await auth.codeFor(email)

  expect(tried).toHaveLength(3)
  expect(new Set(tried).size, 'no code follows from the challenge').toBe(3)
  const verify = (tried: string) =>
    auth.call('POST', '/auth/email/verify', { body: { challengeId, code: tried } })
  expect(await verify(tried[0] ?? '')).toMatchObject({ status: 400, body: { code: 'wrong_code' } })
  expect(await verify(code)).toMatchObject({ status: 200 })
  const lines = auth.logLines.join('')
  expect(lines).toContain('"to":"a…@…"')
  expect(lines).toContain('E550')
  for (const secret of tried) expect(lines).not.toContain(secret)
  expect(lines).not.toContain(email)
})

test('an answered challenge needs no code any more, even if its code was not sent', async () => {
  const broker = createInProcessBroker({ log })
  await using auth = await startAuth({}, { broker })
  const { body } = await auth.call('POST', '/auth/phone/start', { body: { phone } })
  const code = await auth.codeFor(phone)
  const { challengeId } = body
  const device = newDevice()
  await auth.call('POST', '/auth/phone/verify', { body: { challengeId, code, device } })
  await broker.sendJob({ type: 'code.deliver', challengeId })
  await broker.sendJob({ type: 'code.deliver', challengeId: ChallengeId.parse(randomUUID()) })
  await auth[Symbol.asyncDispose]()

  expect(auth.sent).toEqual([])
})

test('a repeated job does not send a second code', async () => {
  const broker = createInProcessBroker({ log })
  await using auth = await startAuth({}, { broker })
  const { challengeId } = (await auth.call('POST', '/auth/phone/start', { body: { phone } })).body
  const code = await auth.codeFor(phone)
  await eventually('the code to count as sent', async () => {
    const [row] = await auth.sql`select sent_at from auth.challenges where id = ${challengeId}`
    return row?.sent_at !== null
  })
  await broker.sendJob({ type: 'code.deliver', challengeId })
  const device = newDevice()
  const met = await auth.call('POST', '/auth/phone/verify', { body: { challengeId, code, device } })
  await auth[Symbol.asyncDispose]()

  expect(met.status).toBe(200)
  expect(auth.sent).toEqual([])
})

test('nothing that a request stores opens a challenge before its code was sent', async () => {
  const broker = createInProcessBroker({ log })
  await using auth = await startAuth({}, { broker: withoutConsumers(broker) })
  const { challengeId } = (await auth.call('POST', '/auth/phone/start', { body: { phone } })).body

  const [row] = await auth.sql`select * from auth.challenges where id = ${challengeId}`
  expect(row).toMatchObject({ code_hash: null, sent_at: null })
  const body = { challengeId, code: '000000', device: newDevice() }
  expect(await auth.call('POST', '/auth/phone/verify', { body })).toMatchObject({
    status: 400,
    body: { code: 'wrong_code' },
  })
})

test('a request is answered while a code is still being sent, and refused if none can be sent', async () => {
  const gate = Promise.withResolvers<void>()
  const broker = createInProcessBroker({ log })
  await using auth = await startAuth({}, { broker, sendCode: () => gate.promise })
  const answer = await auth.call('POST', '/auth/phone/start', { body: { phone } })
  expect(answer.status).toBe(200)
  gate.resolve()
  await auth.codeFor(phone)

  await broker.close()
  const refused = await auth.call('POST', '/auth/phone/start', { body: { phone } })
  expect(refused).toMatchObject({ status: 503, body: { code: 'unavailable' } })
})

test('queues contain no code, number or address while jobs are waiting', async () => {
  const prefix = randomUUID()
  const broker = await joinRabbitmq(prefix)
  await using auth = await startAuth({}, { broker: withoutConsumers(broker) })
  const challenges = [
    (await auth.call('POST', '/auth/phone/start', { body: { phone } })).body.challengeId,
    (await auth.call('POST', '/auth/email/start', { body: { email } })).body.challengeId,
  ]

  const dump = await rabbitmq.takeAll()
  for (const id of challenges) expect(dump).toContain(id)
  for (const secret of [phone, phone.slice(1), email, 'alice']) expect(dump).not.toContain(secret)
})

test('a job survives the auth instance that requested it, and another one sends the code', async () => {
  const prefix = randomUUID()
  const asking = await joinRabbitmq(prefix)
  await using auth = await startAuth({}, { broker: withoutConsumers(asking) })
  await auth.call('POST', '/auth/phone/start', { body: { phone } })
  await asking.close()

  const broker = await joinRabbitmq(prefix)
  await using other = await startAuthOn(auth.sql, auth.config, undefined, { broker })
  expect(await other.codeFor(phone)).toMatch(/^\d{6}$/)
})

/** A broker whose jobs stay in their queues. */
function withoutConsumers(broker: Broker): Broker {
  return { ...broker, consumeJobs: async () => ({ close: async () => {} }) }
}
