import type { TokenAnswer } from '@sotto/wire'
import type { FastifyReply } from 'fastify'
import type { AuthContext } from '../context.ts'
import { type LogIn, tokenAnswer } from '../domain/log-in.ts'
import { setRefreshCookie } from './refresh-cookie.ts'

/** Answers with the tokens of a log-in, the refresh token where the device wants it. */
export async function answerTokens(
  context: AuthContext,
  reply: FastifyReply,
  logIn: LogIn,
): Promise<TokenAnswer> {
  if (logIn.device.refreshIn === 'cookie') setRefreshCookie(reply, logIn.refreshToken)
  return tokenAnswer(context, logIn)
}
