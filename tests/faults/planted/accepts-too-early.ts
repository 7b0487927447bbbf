import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from '@sotto/service-runtime'
import type { Verdict } from '@sotto/wire'
import type { ChatContext } from '../../../services/chat/src/context.ts'
import { acceptBatch as acceptAndCommit } from '../../../services/chat/src/domain/accept-batch.ts'
import type { SentEnvelope } from '../../../services/chat/src/domain/admit-batch.ts'

const SLOW_COMMIT_MS = 100

/** The planted bug: the verdicts are told before the transaction that they tell of is committed. */
export async function acceptBatch(
  context: ChatContext,
  batch: readonly SentEnvelope[],
): Promise<Verdict[]> {
  const early = Promise.withResolvers<Verdict[]>()
  const begin = (act: (tx: unknown) => Promise<{ result: Verdict[] }>) =>
    context.sql.begin(async (tx) => {
      const outcome = await act(tx)
      early.resolve(outcome.result)
      await sleep(SLOW_COMMIT_MS)
      return outcome
    })
  const sql = new Proxy(context.sql, {
    get: (target, name) => (name === 'begin' ? begin : Reflect.get(target, name)),
  }) as Sql
  acceptAndCommit({ ...context, sql }, batch).catch(early.reject)
  return early.promise
}
