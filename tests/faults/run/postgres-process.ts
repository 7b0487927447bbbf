import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { processesIn } from '@sotto/local-postgres'
import { connect } from '@sotto/service-runtime'
import type { Ledger } from '../checker/ledger.ts'

/** The process id of a data folder's PostgreSQL server. */
export async function postmasterOf(dataFolder: string): Promise<number> {
  const text = await readFile(join(dataFolder, 'postgres/postmaster.pid'), 'utf8')
  return Number(text.split('\n')[0])
}

/** The table itself would reject a duplicate id, so this removes the second line of defense as well. */
export async function forgetUniqueIds(databaseUrl: string): Promise<void> {
  const sql = connect(databaseUrl, { maxConnections: 1, applicationName: 'test' })
  await sql`alter table chat.envelopes drop constraint envelopes_conversation_id_id_key`
  await sql.end()
}

const LOOK_EVERY_MS = 20
/** A verdict for something committed just before may still be on its way to the device. */
const ON_ITS_WAY_MS = 150

/** Checks whether anything was accepted while no database process was alive. */
export async function watchDatabase(dataFolder: string, ledger: Ledger) {
  const cluster = await realpath(join(dataFolder, 'postgres'))
  const absences: { from: number; to: number }[] = []
  let isWatching = true
  const watching = (async () => {
    for (let since: number | undefined; isWatching; await sleep(LOOK_EVERY_MS)) {
      const isGone = (await processesIn(cluster)).length === 0
      const now = performance.now()
      if (isGone) since ??= now
      else if (since !== undefined) {
        absences.push({ from: since, to: now - LOOK_EVERY_MS })
        since = undefined
      }
    }
  })()
  return {
    async stop() {
      isWatching = false
      await watching
      const accepted = [...ledger.lines.values()].flatMap((line) => [...line.accepted.values()])
      const isFalse = ({ at }: { at: number }) =>
        absences.some(({ from, to }) => at > from + ON_ITS_WAY_MS && at < to)
      const absentMs = absences.reduce((sum, { from, to }) => sum + to - from, 0)
      return {
        absences: absences.length,
        absentMs,
        falselyAccepted: accepted.filter(isFalse).length,
      }
    },
  }
}
