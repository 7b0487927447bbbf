import { authRequests, RefreshRefusal, SessionChallenge, type TokenAnswer } from '@sotto/wire'
import { ClientError, codeOf } from '../api/errors.ts'
import { singleFlight } from '../scheduling/serial.ts'
import type { EndReason } from '../storage/records/account.ts'
import type { Call, CallAnswer, TokenSource } from './http.ts'

/** Tokens are renewed this long before they expire, so that none expires in flight. */
const MARGIN_MS = 60_000

export interface Tokens extends TokenSource {
  /** Adopts the tokens of a log-in. */
  adopt(answer: TokenAnswer): Promise<void>
  /** When the current token expires, by this device's clock; 0 without one. */
  endsAt(): number
  /** Forgets everything without telling the server. */
  drop(): void
}

export interface TokensDependencies {
  readonly call: Call
  readonly now: () => number
  /** The refresh token if the device stores it itself, or null if it's in the cookie. */
  readonly loadRefreshToken: () => Promise<string | null>
  readonly saveRefreshToken: (token: string) => Promise<void>
  /** Whether tokens belong to the stored log-in. */
  readonly isOwn: (answer: TokenAnswer) => boolean
  /**
   * Answers the challenge of a server that has lost the session. Resolves with `proven` if the session continues, or
   * with the reason if not; throws errors that may pass.
   */
  readonly prove: (challenge: string) => Promise<'proven' | EndReason>
  /** The session can no longer be renewed. */
  readonly onEnd: (reason: EndReason) => void
}

/** The access token, in memory only, and its renewal. */
export function createTokens(deps: TokensDependencies): Tokens {
  let current: { token: string; endsAt: number } | undefined
  let logIns = 0
  /** Ends when the tokens of the last log-in are stored. */
  let adopted: Promise<void> = Promise.resolve()

  const keep = async (answer: TokenAnswer) => {
    // The new refresh token invalidates the old one, so it is saved first.
    if (answer.refresh_token !== undefined) await deps.saveRefreshToken(answer.refresh_token)
    // Measured by this device's clock, which may differ from the server's.
    current = { token: answer.access_token, endsAt: deps.now() + answer.expires_in * 1000 }
  }

  const renew = createRenew(deps, keep)
  const refresh = singleFlight(async () => {
    const logIn = logIns
    try {
      return await renew()
    } catch (error) {
      if (codeOf(error) !== 'refresh_refused') throw error
      if (logIn === logIns) {
        deps.onEnd(reasonIn(error))
        throw error
      }
      // A late refusal doesn't apply to a newer log-in, whose token is the one to use.
      await adopted
      if (!current) throw error
      return current.token
    }
  })

  return {
    adopt: (answer) => {
      logIns += 1
      adopted = keep(answer)
      return adopted
    },
    access: async () => {
      const isFresh = current && current.endsAt - MARGIN_MS > deps.now()
      return isFresh && current ? current.token : refresh()
    },
    renew: async (refused) => (current && current.token !== refused ? current.token : refresh()),
    endsAt: () => current?.endsAt ?? 0,
    drop: () => {
      current = undefined
    },
  }
}

/** Asks the server for the next token, and proves the session if the server has lost it. */
function createRenew(
  deps: TokensDependencies,
  keep: (answer: TokenAnswer) => Promise<void>,
): () => Promise<string> {
  const renewOnce = async () => {
    const refreshToken = await deps.loadRefreshToken()
    const body = refreshToken === null ? {} : { refresh_token: refreshToken }
    const answer = await deps.call(authRequests.refresh, { body })
    // A server that receives a token answers with the next one or with `refresh_refused`.
    if (refreshToken !== null && !hasRefreshToken(answer)) {
      throw new ClientError('untrusted_answer')
    }
    if ('session' in answer) throw new ClientError('refresh_refused')
    // This browser's cookie may belong to another log-in by now.
    if (!deps.isOwn(answer)) throw new ClientError('refresh_refused')
    await keep(answer)
    return answer.access_token
  }

  return async () => {
    try {
      return await renewOnce()
    } catch (error) {
      const challenge = challengeIn(error)
      if (challenge === undefined) throw error
      const outcome = await deps.prove(challenge)
      if (outcome !== 'proven') throw new ClientError('refresh_refused', { reason: outcome })
      return renewOnce()
    }
  }
}

function hasRefreshToken(answer: CallAnswer<typeof authRequests.refresh>): boolean {
  return 'refresh_token' in answer && answer.refresh_token !== undefined
}

/** The challenge that a server sends to be signed after it has lost the session. */
function challengeIn(error: unknown): string | undefined {
  const challenge = error instanceof ClientError ? error.details?.challenge : undefined
  const isOne = codeOf(error) === 'refresh_refused' && SessionChallenge.safeParse(challenge).success
  return isOne ? String(challenge) : undefined
}

/** Why a session is over, from the refusal to renew it. */
export function reasonIn(error: unknown): EndReason {
  const reason = error instanceof ClientError ? error.details?.reason : undefined
  const refusal = RefreshRefusal.safeParse(reason)
  if (refusal.success) return refusal.data
  return reason === 'session_lost' || challengeIn(error) !== undefined
    ? 'session_lost'
    : 'session_ended'
}
