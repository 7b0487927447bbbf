import { randomUUID } from 'node:crypto'
import { authLimits } from '@sotto/auth'
import { chatLimits } from '@sotto/chat'
import { createRateLimits, type DomainError } from '@sotto/service-runtime'
import { expect, test } from 'vitest'
import { createMigratedDatabase, type TestDatabase } from '../postgres/test-database.ts'
import { type AuthInstance, newAuthConfig, startAuth } from './instances.ts'

const limits = { ...authLimits, ...chatLimits }

/** Two instances of auth on one database, and a third, into which a restart turns one of them. */
async function startPair(database: TestDatabase) {
  const config = await newAuthConfig(1)
  const [one, two] = [await startAuth(database, config), await startAuth(database, config)]
  return { one, two, restart: () => startAuth(database, config) }
}

type Attempt = (auth: AuthInstance, n: number) => Promise<number>

/**
 * How many attempts are accepted when they alternate between two instances, and after a restart.
 */
async function countTaken(database: TestDatabase, attempts: number, attempt: Attempt) {
  const { one, two, restart } = await startPair(database)
  let taken = 0
  for (let n = 0; n < attempts; n += 1) {
    if ((await attempt(n % 2 === 0 ? one : two, n)) !== 429) taken += 1
  }
  for (const auth of [one, two]) await auth[Symbol.asyncDispose]()
  await using restarted = await restart()
  const afterRestart = await attempt(restarted, attempts)
  return { taken, afterRestart }
}

test('codes for one number: two instances send no more than one, even after a restart', async () => {
  await using database = await createMigratedDatabase()
  const { points } = limits.startByAddress
  const counted = await countTaken(database, points + 4, async (auth, n) => {
    const body = { phone: '+4915112370001' }
    return (await auth.call('POST', '/auth/phone/start', { body, ip: `198.51.${n}.1` })).status
  })
  expect(counted).toEqual({ taken: points, afterRestart: 429 })
})

test('codes for one network, whatever the numbers', async () => {
  await using database = await createMigratedDatabase()
  const { points } = limits.startByNetwork
  const counted = await countTaken(database, points + 4, async (auth, n) => {
    const body = { phone: `+49151124${10_000 + n}` }
    return (await auth.call('POST', '/auth/phone/start', { body, ip: '198.51.100.7' })).status
  })
  expect(counted).toEqual({ taken: points, afterRestart: 429 })
})

test('attempts for one code: five across both instances, after which the challenge is void', async () => {
  await using database = await createMigratedDatabase()
  const { one, two } = await startPair(database)
  const phone = '+4915112370002'
  const { challengeId } = (await one.call('POST', '/auth/phone/start', { body: { phone } })).body
  const device = { deviceId: randomUUID(), refreshIn: 'body' }
  const codes: string[] = []
  for (let n = 0; n < 7; n += 1) {
    const auth = n % 2 === 0 ? one : two
    const body = { challengeId, code: `00000${n}`, device }
    codes.push((await auth.call('POST', '/auth/phone/verify', { body })).body.code)
  }
  // One of the guesses may be right, once in 142,857 runs.
  expect(codes).toEqual([...Array(5).fill('wrong_code'), 'code_expired', 'code_expired'])
  for (const auth of [one, two]) await auth[Symbol.asyncDispose]()
})

test('every limit in the database is counted across all instances', async () => {
  await using database = await createMigratedDatabase()
  await using auth = await startAuth(database, await newAuthConfig())
  await auth.logIn('+4915112370003')
  for (const [name, limit] of Object.entries(limits)) {
    const instances = [0, 1, 2].map(() => createRateLimits(database.sql, 'auth', { [name]: limit }))
    const outcomes = await Promise.all(
      Array.from({ length: limit.points + 3 }, (_, n) =>
        instances[n % 3]?.consume(name, 'one key').then(
          () => 'taken',
          (error: DomainError) => error.code,
        ),
      ),
    )
    const refused = outcomes.filter((outcome) => outcome === 'rate_limited')
    expect([name, refused.length, outcomes.length]).toEqual([name, 3, limit.points + 3])
  }
})
