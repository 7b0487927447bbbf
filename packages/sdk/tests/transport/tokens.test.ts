import { AccountId, DeviceId, SessionId, type TokenAnswer } from '@sotto/wire'
import { expect, test } from 'vitest'
import { ClientError } from '../../src/api/errors.ts'
import type { EndReason } from '../../src/storage/records/account.ts'
import { createTokens } from '../../src/transport/tokens.ts'

const SECOND_LOG_IN: TokenAnswer = {
  access_token: 'access of the second',
  refresh_token: 'refresh of the second',
  token_type: 'Bearer',
  expires_in: 600,
  refresh_expires_in: 6_000,
  account_id: AccountId.parse('01890a5d-ac96-774b-bcce-b302099a8057'),
  session_id: SessionId.parse('01890a5d-ac96-774b-bcce-b302099a8058'),
  device_id: DeviceId.parse('01890a5d-ac96-774b-bcce-b302099a8059'),
  created: false,
}

/** Tokens whose only renewal request is answered by `refuse`. */
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
    onEnd: (reason) => ended.push(reason),
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

test('a late refusal does not end a newer log-in, and its token is returned', async () => {
  const { tokens, ended, refuse } = tokensThatAreRefused()
  const asked = tokens.access()
  await tokens.adopt(SECOND_LOG_IN)
  refuse()
  expect(await asked).toBe('access of the second')
  expect(ended).toEqual([])
  expect(await tokens.access()).toBe('access of the second')
})

test('a refusal while the newer log-in is being stored waits for it', async () => {
  const { tokens, ended, refuse } = tokensThatAreRefused()
  const asked = tokens.access()
  const adopting = tokens.adopt(SECOND_LOG_IN)
  refuse()
  expect(await asked).toBe('access of the second')
  await adopting
  expect(ended).toEqual([])
})

test('a late refusal after the newer log-in has ended is passed on', async () => {
  const { tokens, ended, refuse } = tokensThatAreRefused()
  const asked = tokens.access()
  await tokens.adopt(SECOND_LOG_IN)
  tokens.drop()
  refuse()
  await expect(asked).rejects.toMatchObject({ code: 'refresh_refused' })
  expect(ended).toEqual([])
})
