import { expect, test } from 'vitest'
import { comeBack } from '../../src/account/log-in/come-back.ts'
import { type AccountState, openAccountState } from '../../src/account/state/account-state.ts'
import { ClientError } from '../../src/api/errors.ts'
import { createMemoryStore } from '../storage/memory-store.ts'
import { login } from './log-in-details.ts'

/** An account whose session the server has lost. */
async function lost(): Promise<{ state: AccountState; failWrites: () => void }> {
  const memory = createMemoryStore()
  let mayFail = false
  const storage = {
    ...memory,
    write: async (changes: Parameters<typeof memory.write>[0]) => {
      if (mayFail) throw new ClientError('storage_failed')
      await memory.write(changes)
    },
  }
  const state = await openAccountState(storage)
  await state.move({ logIn: 'log_in' }, { login })
  await state.move({ logIn: 'told_of_loss' }, { reason: 'session_lost' })
  const failWrites = () => {
    mayFail = true
  }
  return { state, failWrites }
}

const tokens = (access: () => Promise<string>) => ({
  access,
  renew: access,
  endsAt: () => 0,
  adopt: async () => {},
  drop: () => {},
})
const refusedFor = (reason: string) => () =>
  Promise.reject(new ClientError('refresh_refused', { reason }))

test('a session that the server has found again continues, and can be used during the check', async () => {
  const { state } = await lost()
  expect(() => state.login()).toThrow('unauthenticated')

  await comeBack({
    state,
    tokens: tokens(async () => {
      expect(state.login()).toBeDefined()
      // Listeners receive this; the answer itself comes after it.
      expect(await state.move({ logIn: 'told_of_end' }, { reason: 'session_ended' })).toBe(false)
      return 'a token'
    }),
  })

  expect(state.logIn).toBe('open')
  expect(state.memory.login).toMatchObject({ ended: null, refreshToken: 'a token' })
})

test('a session that is over ends with its reason', async () => {
  const { state } = await lost()
  await comeBack({ state, tokens: tokens(refusedFor('account_suspended')) })

  expect(state.logIn).toBe('ended')
  expect(state.memory.login).toMatchObject({ ended: 'account_suspended', refreshToken: null })
})

test('a loss with a new reason is checked again', async () => {
  const { state } = await lost()
  const asked = comeBack({ state, tokens: tokens(refusedFor('account_gone')) })

  await expect(asked).rejects.toMatchObject({ code: 'unavailable' })
  expect(state.logIn).toBe('lost')
  expect(state.memory.login).toMatchObject({ ended: 'account_gone', refreshToken: 'a token' })
})

test('without an answer, or storage to record it in, the session stays lost', async () => {
  const { state, failWrites } = await lost()
  const offline = () => Promise.reject(new ClientError('offline'))
  await expect(comeBack({ state, tokens: tokens(offline) })).rejects.toThrow('offline')
  expect(state.logIn).toBe('lost')

  failWrites()
  const asked = comeBack({ state, tokens: tokens(async () => 'a token') })
  await expect(asked).rejects.toThrow('storage_failed')
  expect(state.logIn).toBe('lost')
})
