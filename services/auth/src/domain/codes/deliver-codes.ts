import type { Logger } from '@sotto/service-runtime'
import type { Job } from '@sotto/wire'
import { maskAddress } from '../../addresses/mask-address.ts'
import type { AuthContext } from '../../context.ts'
import { hashCode, newCode } from '../../secrets/one-time-code.ts'
import type { CodeSender, OutgoingCode } from '../../senders/code-sender.ts'
import { explainFailure } from '../../senders/explain-failure.ts'
import * as challenges from '../../store/challenges.ts'

/** Runs a `code.deliver` job. */
export type DeliverCode = (job: Extract<Job, { type: 'code.deliver' }>) => Promise<void>

/**
 * Generates and sends the codes of challenges. Rejects if sending failed, so that the broker
 * retries the job; a new code is then generated, and only that one is valid. A challenge whose code
 * was sent, or that was answered or has expired, needs none.
 */
export function createCodeDelivery(
  { sql, now, codePepper, log }: Pick<AuthContext, 'sql' | 'now' | 'codePepper' | 'log'>,
  sendCode: CodeSender,
): DeliverCode {
  return async ({ challengeId }) => {
    const code = newCode()
    const codeHash = hashCode(codePepper, challengeId, code)
    const challenge = await challenges.giveCode(sql, challengeId, codeHash, new Date(now()))
    if (!challenge) return
    const { expiresAt, ...destination } = challenge
    const ttlSeconds = Math.ceil((expiresAt.getTime() - now()) / 1000)
    const outgoing = { ...destination, code, ttlSeconds }
    try {
      await sendCode(outgoing)
    } catch (error) {
      logFailure(log, outgoing, error)
      // Not the error itself: mail servers quote the address, gateways the whole text.
      throw new Error('The code could not be sent')
    }
    await challenges.markSent(sql, challengeId, new Date(now()))
  }
}

function logFailure(log: Logger, { channel, address }: OutgoingCode, error: unknown) {
  log.warn(
    { channel, to: maskAddress(address), ...explainFailure(error) },
    'a code could not be sent',
  )
}
