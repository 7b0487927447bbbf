import type { TokenAnswer } from '@sotto/wire'
import { expect, test } from 'vitest'
import { ClientError } from '../../src/api/errors.ts'
import type { EndReason } from '../../src/storage/stored.ts'
import { createTokens } from '../../src/transport/tokens.ts'

const tokensOf = (name: string): TokenAnswer => ({
  access_token: `access of ${name}`,
  refresh_token: `refresh of ${name}`,
  token_type: 'Bearer',
  expires_in: 600,
})

/** Tokens whose one request to renew them is answered by `refuse`. */
function tokensThatAreRefused() {
  const ended: EndReason[] = []
  let refuse: (error: unknown) => void = () => {}
  const refusal = new Promise<never>((_, reject) => {
    refuse = reject
  })
  const tokens = createTokens({
    call: () => refusal,
    now: () => 0,
    loadRefreshToken: async () => 'refresh of the first',
    saveRefreshToken: async () => {},
    isOwn: () => true,
    prove: async () => 'session_ended',
    ended: (reason) => ended.push(reason),
  })
  return { tokens, ended, refuse: () => refuse(new ClientError('refresh_refused')) }
}

test('a refused renewal ends the session', async () => {
  const { tokens, ended, refuse } = tokensThatAreRefused()
  const asked = tokens.access()
  refuse()
  await expect(asked).rejects.toMatchObject({ code: 'refresh_refused' })
  expect(ended).toEqual(['session_ended'])
})

test('a refusal that comes after the next log-in does not end that one', async () => {
  const { tokens, ended, refuse } = tokensThatAreRefused()
  const asked = tokens.access()
  await tokens.take(tokensOf('the second'))
  refuse()
  await expect(asked).rejects.toMatchObject({ code: 'refresh_refused' })
  expect(ended).toEqual([])
  expect(await tokens.access()).toBe('access of the second')
})
