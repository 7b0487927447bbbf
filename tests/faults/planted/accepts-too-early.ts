import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from '@sotto/service-runtime'
import type { Verdict } from '@sotto/wire'
import type { ChatContext } from '../../../services/chat/src/context.ts'
import { acceptBatch as acceptAndCommit } from '../../../services/chat/src/domain/envelopes/accept-batch.ts'
import type { SentEnvelope } from '../../../services/chat/src/domain/envelopes/admit-batch.ts'

const SLOW_COMMIT_MS = 100

type Connection = Awaited<ReturnType<Sql['reserve']>>

/** The planted bug: verdicts are sent before their transaction is committed. */
export function acceptBatch(
  context: ChatContext,
  batch: readonly SentEnvelope[],
): Promise<Verdict[]> {
  const reserve = async () => commitsLater(await context.sql.reserve())
  const sql = new Proxy(context.sql, {
    get: (target, name) => (name === 'reserve' ? reserve : Reflect.get(target, name)),
  })
  return acceptAndCommit({ ...context, sql }, batch)
}

/** A connection that reports its commit immediately, and commits a moment later. */
function commitsLater(connection: Connection): Connection {
  let committed: Promise<unknown> = Promise.resolve()
  return new Proxy(connection, {
    apply(target, thisArg, args: [TemplateStringsArray]) {
      if (args[0][0] !== 'commit') return Reflect.apply(target, thisArg, args)
      committed = sleep(SLOW_COMMIT_MS).then(() => target`commit`)
      const told = Promise.resolve({ command: 'COMMIT' })
      return Object.assign(told, { execute: () => told })
    },
    get: (target, name) =>
      name === 'release'
        ? () => void committed.finally(() => target.release())
        : Reflect.get(target, name),
  })
}
