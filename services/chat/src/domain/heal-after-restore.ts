import type { Sql } from '@sotto/service-runtime'
import * as conversations from '../store/conversations.ts'
import * as participants from '../store/participants.ts'

/**
 * Makes the rows of a dump that was restored into another database fit its transaction numbers, which
 * begin anew there. Without it everything would count as changed until they have caught up.
 */
export async function healAfterRestore(sql: Sql): Promise<void> {
  await conversations.forgetFutureChanges(sql)
  await participants.forgetFutureChanges(sql)
}
