import type { TokenAnswer } from '@sotto/wire'
import type { FastifyReply } from 'fastify'
import type { AuthContext } from '../context.ts'
import { type LogIn, tokenAnswer } from '../domain/log-in/log-in.ts'
import type { LogInWay } from '../measure.ts'
import { setRefreshCookie } from './refresh-cookie.ts'
import { setShardCookie } from './shard-cookie.ts'

/**
 * Answers with the tokens of a log-in, and returns the refresh token where the device wants it.
 * `way` is undefined if an existing session continues.
 */
export async function answerTokens(
  context: AuthContext,
  reply: FastifyReply,
  logIn: LogIn,
  way?: LogInWay,
): Promise<TokenAnswer> {
  if (way) context.countLogIn(way)
  if (logIn.device.refreshIn === 'cookie') {
    setRefreshCookie(reply, logIn.refreshToken)
    setShardCookie(reply, logIn.accountId)
  }
  return tokenAnswer(context, logIn)
}
