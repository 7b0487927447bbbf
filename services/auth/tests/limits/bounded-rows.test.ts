import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { authBounds } from '../../src/retention.ts'
import { type AuthUnderTest, logInByPhone, startAuth } from '../auth-under-test.ts'

const HOUR = 3_600_000

let auth: AuthUnderTest
beforeAll(async () => {
  auth = await startAuth()
})
afterAll(() => auth[Symbol.asyncDispose]())

async function countRows(table: 'sessions' | 'refresh_tokens'): Promise<number> {
  const [row] = await auth.sql<{ count: number }[]>`
    select count(*) from ${auth.sql(`auth.${table}`)}`
  return row?.count ?? 0
}

test('a session keeps a limited number of used refresh tokens, the newest ones', async () => {
  const { refresh_token, session_id } = await logInByPhone(auth, '+4915112360001')
  const former = auth.clock.now - HOUR
  await auth.sql`
    insert into auth.refresh_tokens (hash, session_id, expires_at, used_at)
    select decode(md5(n::text) || md5(n::text), 'hex'), ${session_id}, now() + interval '1 day',
      to_timestamp(${former / 1000}::float8 - n)
    from generate_series(1, ${authBounds.usedRefreshTokens}) n`
  const before = await countRows('refresh_tokens')
  const refreshed = await auth.call('POST', '/auth/refresh', { body: { refresh_token } })
  expect(refreshed.status).toBe(200)

  // One was added, and the oldest was deleted.
  expect(await countRows('refresh_tokens')).toBe(before)
  // The token that was just used is still known: its second use counts as theft.
  auth.clock.now += 60_000
  const again = await auth.call('POST', '/auth/refresh', { body: { refresh_token } })
  expect(again.body.code).toBe('refresh_refused')
  await expect.poll(() => auth.endedSessions).toContain(session_id)
})

test('an account keeps a limited number of ended sessions, and all of the last hour', async () => {
  const phone = '+4915112360002'
  const { account_id } = await logInByPhone(auth, phone)
  const addEnded = (count: number, endedAt: number) => auth.sql`
    insert into auth.sessions (id, account_id, device_id, refresh_in, started_at, last_used_at,
      ended_at)
    select gen_random_uuid(), ${account_id}, ${randomUUID()}, 'body', now(), now(),
      to_timestamp(${endedAt / 1000})
    from generate_series(1, ${count})`
  await addEnded(authBounds.endedSessions, auth.clock.now - 2 * HOUR)
  await addEnded(30, auth.clock.now - HOUR / 2)
  await logInByPhone(auth, phone)

  const [row] = await auth.sql<{ recent: number; old: number }[]>`
    select count(*) filter (where ended_at > to_timestamp(${(auth.clock.now - HOUR) / 1000})) as recent,
      count(*) filter (where ended_at <= to_timestamp(${(auth.clock.now - HOUR) / 1000})) as old
    from auth.sessions where account_id = ${account_id} and ended_at is not null`
  expect(row).toEqual({ recent: 30, old: authBounds.endedSessions - 30 })
})
