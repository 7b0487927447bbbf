import type { Logger } from '@sotto/service-runtime'
import type { Job } from '@sotto/wire'
import { maskAddress } from '../../addresses/mask-address.ts'
import type { AuthContext } from '../../context.ts'
import { hashCode, newCode } from '../../secrets/one-time-code.ts'
import type { CodeSender, OutgoingCode } from '../../senders/code-sender.ts'
import { explainFailure } from '../../senders/explain-failure.ts'
import * as challenges from '../../store/challenges.ts'

/** Does one job of `code.deliver`. */
export type DeliverCode = (job: Extract<Job, { type: 'code.deliver' }>) => Promise<void>

/**
 * Makes and sends the codes of challenges. Rejects when sending failed, so that the broker gives the job
 * again; a new code is made then, and only that one counts. A challenge whose code went out, that was met or
 * has expired needs none.
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
      throw new Error('a code could not be sent')
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
