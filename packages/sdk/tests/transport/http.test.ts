import { authRequests, chatRequests } from '@sotto/wire'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { ClientError } from '../../src/api/errors.ts'
import { createAuthorizedCall, createCall } from '../../src/transport/http.ts'
import { createTokens, type TokensDependencies } from '../../src/transport/tokens.ts'

const accountId = '0b1f5c3a-5a76-4a0e-9b53-1f5a3c2b4d10'

const tokenAnswer = () =>
  Response.json({
    access_token: 'fresh',
    refresh_token: 'the next one',
    token_type: 'Bearer',
    expires_in: 900,
    refresh_expires_in: 9000,
    account_id: accountId,
    session_id: accountId,
    device_id: accountId,
    created: false,
  })

/** Calls a server that gives these answers in turn. */
function callAnsweredBy(...answers: (() => Response | Promise<Response>)[]) {
  const requests: { url: string; init: RequestInit }[] = []
  const fetch: typeof globalThis.fetch = async (url, init) => {
    requests.push({ url: String(url), init: init ?? {} })
    const answer = answers[Math.min(requests.length, answers.length) - 1]
    if (!answer) throw new TypeError('no network')
    return answer()
  }
  return { call: createCall('https://chat.example', fetch), requests }
}

test.each([
  ['no network', () => Promise.reject(new TypeError('fetch failed')), 'offline'],
  ["a gateway's HTML", () => new Response('<h1>502</h1>', { status: 502 }), 'unavailable'],
  ['another HTML', () => new Response('<h1>hello</h1>'), 'untrusted_answer'],
  ['unknown fields', () => Response.json({ extra: 1 }), 'untrusted_answer'],
  [
    'a known code',
    () =>
      Response.json({ code: 'rate_limited', details: { retryAfterSeconds: 3 } }, { status: 429 }),
    'rate_limited',
  ],
  ['an unknown code', () => Response.json({ code: 'pwned' }, { status: 400 }), 'untrusted_answer'],
])('%s becomes an error with a code', async (_, answer, code) => {
  const { call } = callAnsweredBy(answer)
  await expect(call(authRequests.listWraps, {}, { token: 'x' })).rejects.toMatchObject({ code })
})

test('parameters stay inside their path segment', async () => {
  const { call, requests } = callAnsweredBy(() => Response.json({}))
  const open = { ...authRequests.endSession, params: z.object({ sessionId: z.string() }) }
  await call(open, { params: { sessionId: '../a?b#c' } })
  expect(requests[0]?.url).toBe('https://chat.example/auth/sessions/..%2Fa%3Fb%23c')
})

const challengeId = '0b1f5c3a-5a76-4a0e-9b53-1f5a3c2b4d10'

test.each([
  [
    'a phone number with two digits',
    authRequests.startPhone,
    { body: { phone: '12' } },
    'invalid_phone',
  ],
  [
    'half a character in a phone number',
    authRequests.lookUp,
    { body: { phone: '+49 \ud800' } },
    'invalid_phone',
  ],
  [
    'NUL in an address',
    authRequests.startEmail,
    { body: { email: 'a\0@example.org' } },
    'invalid_email',
  ],
  [
    'an overlong address',
    authRequests.lookUp,
    { body: { email: 'a'.repeat(300) } },
    'invalid_email',
  ],
  [
    'a code with five digits',
    authRequests.verifyEmail,
    { body: { challengeId, code: '12345' } },
    'wrong_code',
  ],
  [
    'an invalid challenge id',
    authRequests.verifyEmail,
    { body: { challengeId: 'x', code: '123456' } },
    'code_expired',
  ],
  [
    'a search with a directional mark',
    chatRequests.listUsers,
    { query: { name: 'Bob\u202e' } },
    'invalid_name',
  ],
  ['an invalid id', chatRequests.getUser, { params: { accountId: '../me' } }, 'invalid_input'],
])('%s is refused before it is sent', async (_, endpoint, input, code) => {
  const { call, requests } = callAnsweredBy(() => Response.json({}))

  await expect(call(endpoint, input as never)).rejects.toMatchObject({ code })
  expect(requests).toEqual([])
})

test('a refused name is reported with the reason', async () => {
  const { call } = callAnsweredBy(() => Response.json({}))
  const search = (name: string) => call(chatRequests.listUsers, { query: { name } })

  await expect(search('\u2068Bob\u2069')).rejects.toMatchObject({
    details: { problem: 'hidden_character', character: 'U+2068' },
  })
  await expect(search('x'.repeat(65))).rejects.toMatchObject({ details: { problem: 'too_long' } })
  await expect(search('Bob\ud800')).rejects.toMatchObject({
    details: { problem: 'broken_character' },
  })
})

test('a refused token is renewed once for all concurrent callers', async () => {
  let refreshes = 0
  const fetch: typeof globalThis.fetch = async (url, init) => {
    if (String(url).endsWith('/auth/refresh')) {
      refreshes += 1
      return tokenAnswer()
    }
    const isFresh = new Headers(init?.headers).get('authorization') === 'Bearer fresh'
    const answer: z.input<typeof authRequests.listWraps.response> = { version: 0, wraps: [] }
    return isFresh
      ? Response.json(answer)
      : Response.json({ code: 'unauthenticated' }, { status: 401 })
  }
  const call = createCall('https://chat.example', fetch)
  const tokens = createTokens({
    call,
    now: Date.now,
    loadRefreshToken: async () => 'refresh',
    saveRefreshToken: async () => {},
    isOwn: ({ account_id }) => account_id === accountId,
    prove: async () => 'session_lost',
    onEnd: () => {},
  })
  const stale = { ...tokens, access: async () => 'stale' }
  const authorized = createAuthorizedCall(call, stale, async () => {})

  await Promise.all(Array.from({ length: 20 }, () => authorized(authRequests.listWraps, {})))
  expect(refreshes).toBe(1)
})

test('tokens of another account end the session', async () => {
  let isEnded = false
  const { call } = callAnsweredBy(() => Response.json({ code: 'refresh_refused' }, { status: 401 }))
  const tokens = createTokens({
    call,
    now: Date.now,
    loadRefreshToken: async () => null,
    saveRefreshToken: async () => {},
    isOwn: ({ account_id }) => account_id === accountId,
    prove: async () => 'session_lost',
    onEnd: () => {
      isEnded = true
    },
  })
  await expect(tokens.access()).rejects.toMatchObject({ code: 'refresh_refused' })
  expect(isEnded).toBe(true)
})

describe('a session that the server has lost', () => {
  const lost = () =>
    Response.json({ code: 'refresh_refused', details: { challenge: 'a.b' } }, { status: 401 })

  /** Tokens from a server that gives these answers, repeating the last one. */
  function tokensOver(answers: (() => Response)[], prove: TokensDependencies['prove']) {
    const ended: string[] = []
    const { call } = callAnsweredBy(...answers)
    const tokens = createTokens({
      call,
      now: Date.now,
      loadRefreshToken: async () => 'refresh',
      saveRefreshToken: async () => {},
      isOwn: () => true,
      prove,
      onEnd: (reason) => void ended.push(reason),
    })
    return { tokens, ended }
  }

  test('continues once the device has signed the challenge', async () => {
    const signed: string[] = []
    const { tokens, ended } = tokensOver([lost, tokenAnswer], async (challenge) => {
      signed.push(challenge)
      return 'proven'
    })

    expect(await tokens.access()).toBe('fresh')
    expect([signed, ended]).toEqual([['a.b'], []])
  })

  test.each(['session_lost', 'session_ended'] as const)(
    'ends as %s if it cannot',
    async (reason) => {
      const { tokens, ended } = tokensOver([lost], async () => reason)

      await expect(tokens.access()).rejects.toMatchObject({ code: 'refresh_refused' })
      expect(ended).toEqual([reason])
    },
  )

  test('is not over while its state is unknown', async () => {
    const { tokens, ended } = tokensOver([lost], async () => {
      throw new ClientError('unavailable')
    })

    await expect(tokens.access()).rejects.toMatchObject({ code: 'unavailable' })
    expect(ended).toEqual([])
  })

  test('is over if the server keeps rejecting the proof', async () => {
    let proofs = 0
    const { tokens, ended } = tokensOver([lost], async () => {
      proofs += 1
      return 'proven'
    })

    await expect(tokens.access()).rejects.toMatchObject({ code: 'refresh_refused' })
    expect([proofs, ended]).toEqual([1, ['session_lost']])
  })
})

test('an unproven log-in is proven once, and the call repeated', async () => {
  let isProven = false
  const calls: string[] = []
  const { call } = callAnsweredBy(() => {
    calls.push(isProven ? 'proven' : 'not proven')
    return isProven
      ? Response.json({ version: 0, wraps: [] })
      : Response.json({ code: 'device_not_proven' }, { status: 403 })
  })
  const tokens = { access: async () => 'a token', renew: async () => 'another' }
  const authorized = createAuthorizedCall(call, tokens, async () => {
    isProven = true
  })
  expect((await authorized(authRequests.listWraps, {})).wraps).toEqual([])
  expect(calls).toEqual(['not proven', 'proven'])

  isProven = false
  const vain = createAuthorizedCall(call, tokens, async () => {})
  await expect(vain(authRequests.listWraps, {})).rejects.toMatchObject({
    code: 'device_not_proven',
  })
})
