import { expect, test } from 'vitest'
import { createNewKeysNotice } from '../../src/domain/accounts/tell-of-new-keys.ts'
import type { OutgoingNotice } from '../../src/senders/code-sender.ts'
import { logInByPhone, startAuth } from '../auth-under-test.ts'

const HOUR = 60 * 60 * 1000
const silent = { warn: () => {} }

const noSms = async () => {
  const { DomainError } = await import('@sotto/service-runtime')
  throw new DomainError('sms_used_up')
}

test('the owner learns by SMS or email how long it takes, and what to do', async () => {
  await using auth = await startAuth()
  const { account_id: accountId } = await logInByPhone(auth, '+4915112360050')
  const notices: OutgoingNotice[] = []
  const sender = Object.assign(async () => {}, {
    tell: async (notice: OutgoingNotice) => void notices.push(notice),
  })
  const now = () => auth.clock.now
  const context = { sql: auth.sql, now, spendSms: async () => {} }
  const log = silent as never
  const dueAt = now() + 24 * HOUR
  const job = { type: 'new_keys.tell', accountId, dueAt } as const

  await createNewKeysNotice({ ...context, log }, sender)(job)
  // It is too late to act.
  await createNewKeysNotice({ ...context, log }, sender)({ ...job, dueAt: now() })
  // The budget is reserved for log-ins.
  await createNewKeysNotice({ ...context, log, spendSms: noSms }, sender)(job)
  // This sender can send codes only.
  await createNewKeysNotice({ ...context, log }, async () => {})(job)

  expect(notices).toEqual([
    {
      channel: 'phone',
      address: '+4915112360050',
      subject: expect.any(String),
      text: expect.stringMatching(/in 24 hours.*stop it/),
    },
  ])
})

test('a notice that could not be sent is retried, and its address is not logged', async () => {
  await using auth = await startAuth()
  const { account_id: accountId } = await logInByPhone(auth, '+4915112360051')
  const lines: unknown[] = []
  const log = { warn: (...line: unknown[]) => void lines.push(line) } as never
  const sender = Object.assign(async () => {}, {
    tell: async ({ address }: OutgoingNotice) => {
      throw new Error(`${address} is unknown`)
    },
  })
  const now = () => auth.clock.now
  const tell = createNewKeysNotice({ sql: auth.sql, now, log, spendSms: async () => {} }, sender)
  const job = { type: 'new_keys.tell', accountId, dueAt: now() + HOUR } as const
  await expect(tell(job)).rejects.toThrow('The notice could not be sent')
  expect(lines).toHaveLength(1)
  expect(JSON.stringify(lines)).not.toContain('4915112360051')
})

test('auth reports when any of some devices was last seen, even after its session ended', async () => {
  await using auth = await startAuth()
  const begun = auth.clock.now
  const first = await logInByPhone(auth, '+4915112360052')
  auth.clock.now += HOUR
  const second = await logInByPhone(auth, '+4915112360052')
  const ask = (...deviceIds: (typeof first.device_id)[]) =>
    auth.service.findLastSeen({ accountId: first.account_id, deviceIds })
  expect(await ask(first.device_id)).toBe(begun)
  expect(await ask(first.device_id, second.device_id)).toBe(begun + HOUR)
  await auth.call('POST', '/auth/logout', { token: second.access_token })
  expect(await ask(second.device_id)).toBe(begun + HOUR)
  expect(await ask()).toBeNull()
})
