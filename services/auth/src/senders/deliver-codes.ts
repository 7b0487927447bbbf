import type { Logger } from '@sotto/service-runtime'
import type { Job } from '@sotto/wire'
import type { AuthContext } from '../context.ts'
import { codeOf } from '../domain/one-time-code.ts'
import * as challenges from '../store/challenges.ts'
import type { CodeSender, OutgoingCode } from './code-sender.ts'
import { maskAddress } from './mask-address.ts'

/** Does one job of `code.deliver`. */
export type DeliverCode = (job: Extract<Job, { type: 'code.deliver' }>) => Promise<void>

/**
 * Sends the codes of challenges. Rejects when that failed, so that the broker gives the job again: it
 * is the same code then. A challenge that was met or has expired meanwhile needs none.
 */
export function createCodeDelivery(
  { sql, now, codePepper, log }: Pick<AuthContext, 'sql' | 'now' | 'codePepper' | 'log'>,
  sendCode: CodeSender,
): DeliverCode {
  return async ({ challengeId }) => {
    const challenge = await challenges.findDestination(sql, challengeId, new Date(now()))
    if (!challenge) return
    const { expiresAt, ...destination } = challenge
    const ttlSeconds = Math.ceil((expiresAt.getTime() - now()) / 1000)
    const outgoing = { ...destination, code: codeOf(codePepper, challengeId), ttlSeconds }
    try {
      await sendCode(outgoing)
    } catch (error) {
      logFailure(log, outgoing, error)
      // Not the error itself: mail servers quote the address, gateways the whole text.
      throw new Error('a code could not be sent')
    }
  }
}

function logFailure(log: Logger, { channel, address }: OutgoingCode, error: unknown) {
  const reason = error instanceof Error && 'code' in error ? error.code : undefined
  const status = error instanceof Error && 'status' in error ? error.status : undefined
  log.warn({ channel, to: maskAddress(address), reason, status }, 'a code could not be sent')
}
