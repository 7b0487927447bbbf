import type { Sql } from '@sotto/service-runtime'
import * as conversations from '../store/conversations.ts'
import * as eras from '../store/eras.ts'
import * as participants from '../store/participants.ts'

/**
 * Notices that the database is a copy: a backup that was restored, or a replica that was promoted.
 * Then what was accepted last may be missing, so a new era begins, by which devices know that they
 * have to compare. A dump's rows are also made to fit the transaction numbers of their new place, or
 * everything would count as changed until those have caught up.
 *
 * A dump lies in another database than the original, also where `npm run restore` put it in its place.
 * A folder that was put back as it was, file by file, cannot be told from the original: whoever does
 * that says so by changing `home` in `chat.eras`, as docs/operating.md describes.
 */
export async function beginEraAfterRestore(sql: Sql): Promise<void> {
  await sql.begin(async (tx) => {
    await eras.lock(tx)
    const home = await eras.findHome(tx)
    const current = await eras.findCurrent(tx)
    if (current?.home === home) return
    await eras.begin(tx, home)
    await conversations.forgetFutureChanges(tx)
    await participants.forgetFutureChanges(tx)
  })
}
