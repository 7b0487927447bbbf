import { ONE_TIME_CODE_TRIES } from '@sotto/wire'
import { expect, test } from 'vitest'
import { authLimits } from '../../src/limits.ts'
import {
  type AuthUnderTest,
  logInByPhone,
  newDevice,
  startAuth,
  startAuthOn,
} from '../auth-under-test.ts'
import { askForCode, limited } from './ask-for-code.ts'

test('a number gets few codes from a network, across all instances and after a restart', async () => {
  await using one = await startAuth({ limitFactor: 1 })
  await using two = await startAuthOn(one.sql, one.config)
  const { points } = authLimits.startByAddressAndNetwork
  for (let count = 0; count < points; count += 1) {
    const instance = count % 2 === 0 ? one : two
    expect((await askForCode(instance, '+4915112370001')).status).toBe(200)
  }

  expect((await askForCode(one, '+4915112370001')).body).toEqual(limited)
  expect((await askForCode(two, '0151 12370001')).body).toEqual(limited)
  await using restarted = await startAuthOn(one.sql, one.config)
  expect((await askForCode(restarted, '+4915112370001')).body).toEqual(limited)
  expect((await askForCode(two, '+4915112370002')).status).toBe(200)
})

test('a network gets few codes, whatever the numbers, and an IPv6 network counts as one', async () => {
  await using auth = await startAuth({ limitFactor: 1 })
  const { points } = authLimits.startByNetwork
  const answers = await Promise.all(
    Array.from({ length: points + 10 }, (_, n) =>
      askForCode(auth, `+49151124${10_000 + n}`, `2001:db8::${(n + 1).toString(16)}`),
    ),
  )

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(points)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(10)
  expect((await askForCode(auth, '+4915112499999', '2001:db8:0:1::1')).status).toBe(200)
})

/** An attacker's networks, far enough apart that the limits count them separately. */
const attackers: [string, (n: number) => string][] = [
  ['one address', () => '198.51.100.7'],
  ['the addresses of one network', (n) => `198.51.100.${n % 256}`],
  ['65,536 networks of one customer', (n) => `2001:db8:7:${n.toString(16)}::1`],
  ['a thousand networks', (n) => `100.${64 + (n >> 8)}.${n & 255}.1`],
]

/** Requests codes until none is sent any more, and tries each as often as allowed. */
async function attack(auth: AuthUnderTest, phone: string, from: (n: number) => string) {
  const challenges: { challengeId: string; ip: string }[] = []
  for (let n = 0, refused = 0; n < 1000 && refused < 20; n += 1) {
    const answer = await askForCode(auth, phone, from(n))
    if (answer.status === 200) challenges.push({ ...answer.body, ip: from(n) })
    refused = answer.status === 200 ? 0 : refused + 1
  }
  for (const { challengeId, ip } of challenges) {
    for (let n = 0; n < ONE_TIME_CODE_TRIES; n += 1) {
      const body = { challengeId, code: `00000${n}`, device: newDevice() }
      await auth.call('POST', '/auth/phone/verify', { body, ip })
    }
  }
  auth.sent.splice(0)
  return challenges.length
}

/** Requests a code, waits for it and enters it once. Returns the status of the answer. */
async function logInOnce(auth: AuthUnderTest, phone: string, ip: string, knownDevice?: string) {
  const { status, body } = await askForCode(auth, phone, ip, knownDevice)
  if (status !== 200) return status
  await auth.codesSent()
  const code = auth.sent.findLast(({ address }) => address === phone)?.code
  const proof = { challengeId: body.challengeId, code, device: newDevice() }
  return (await auth.call('POST', '/auth/phone/verify', { body: proof, ip })).status
}

test.each(attackers)(
  'whatever %s request and try, the owner can log in immediately',
  async (_who, from) => {
    await using auth = await startAuth({ limitFactor: 1 })
    const phone = '+4915112370003'
    const { known_device: known } = await logInByPhone(auth, phone, newDevice(), '203.0.113.5')
    expect(await attack(auth, phone, from)).toBeGreaterThan(5)

    expect(await logInOnce(auth, phone, '192.0.2.200', known), 'known device, anywhere').toBe(200)
    expect(await logInOnce(auth, phone, '203.0.113.77'), 'new device, known network').toBe(200)
  },
)

test.each(attackers.slice(0, 3))('%s lock no one out, on no device', async (_who, from) => {
  await using auth = await startAuth({ limitFactor: 1 })
  const phone = '+4915112370003'
  await attack(auth, phone, from)

  expect((await askForCode(auth, phone, from(0))).body).toEqual(limited)
  expect(await logInOnce(auth, phone, '192.0.2.200')).toBe(200)
})

test('a requested code has five attempts, whatever others have tried', async () => {
  await using auth = await startAuth({ limitFactor: 1 })
  const phone = '+4915112370006'
  const { challengeId } = (await askForCode(auth, phone, '192.0.2.200')).body
  const code = await auth.codeFor(phone)
  const [, from] = attackers[3] ?? []
  if (from) await attack(auth, phone, from)

  const body = { challengeId, code, device: newDevice() }
  expect((await auth.call('POST', '/auth/phone/verify', { body, ip: '192.0.2.200' })).status).toBe(
    200,
  )
})

test('the network of a log-in is kept for 30 days, as a hash bound to the account', async () => {
  await using auth = await startAuth({ limitFactor: 1 })
  const [phone, other] = ['+4915112370007', '+4915112370008']
  await logInByPhone(auth, phone, newDevice(), '203.0.113.5')
  await logInByPhone(auth, phone, newDevice(), '203.0.113.6')
  await logInByPhone(auth, other, newDevice(), '203.0.113.5')
  const rows = await auth.sql<{ network: string }[]>`select network from auth.known_networks`

  expect(new Set(rows.map(({ network }) => network)).size).toBe(2)
  expect(rows).toHaveLength(2)
  expect(JSON.stringify(rows)).not.toContain('203.0')
  await useUp(auth, phone)
  expect((await askForCode(auth, phone, '203.0.113.7')).status).toBe(200)
  auth.clock.now += 31 * 86_400_000
  expect((await askForCode(auth, phone, '203.0.113.7')).body).toEqual(limited)
})

test('the privilege of a known device is limited, for one address, and cannot be forged', async () => {
  await using auth = await startAuth({ limitFactor: 1 })
  const [phone, other] = ['+4915112370004', '+4915112370005']
  const known = (await logInByPhone(auth, phone)).known_device ?? ''
  const foreign = (await logInByPhone(auth, other)).known_device ?? ''
  await useUp(auth, phone)
  const { points } = authLimits.startByKnownDevice
  for (let n = 0; n < points; n += 1) {
    expect((await askForCode(auth, phone, `192.0.${n}.2`, known)).status).toBe(200)
  }

  expect((await askForCode(auth, phone, '192.0.2.200', known)).body).toEqual(limited)
  const altered = `${known.startsWith('A') ? 'B' : 'A'}${known.slice(1)}`
  for (const madeUp of [foreign, altered, 'x'.repeat(86), 'short']) {
    expect((await askForCode(auth, phone, '192.0.2.201', madeUp)).body).toEqual(limited)
  }
})

test('the table of limits contains neither numbers nor addresses', async () => {
  await using auth = await startAuth()
  await askForCode(auth, '+4915112370020', '198.51.100.7')
  const rows = await auth.sql`select key from auth.rate_limits`

  expect(rows.length).toBeGreaterThan(2)
  expect(JSON.stringify(rows)).not.toMatch(/15112370020|198\.51/)
})

/** Requests codes from as many networks as needed, until the number gets none. */
async function useUp(auth: AuthUnderTest, phone: string): Promise<void> {
  for (let n = 0; n <= authLimits.startByAddress.points; n += 1) {
    await askForCode(auth, phone, `100.${n}.0.1`)
  }
}
