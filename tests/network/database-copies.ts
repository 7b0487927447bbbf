import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import { asAdmin } from '../postgres/as-admin.ts'
import { createDatabaseLike, dropDatabase } from '../postgres/lent-databases.ts'
import type { TestNetwork } from './network.ts'

/** A copy of a network's database at one moment, which can replace it later. */
export interface DatabaseCopy {
  /**
   * Replaces the database with the copy, like a restored backup, and starts the server. `whileDown`
   * runs before anyone can reach the server again.
   */
  restore(whileDown?: () => Promise<void>): Promise<void>
}

/** Copies the database of a network, which is down for that moment. */
export async function copyDatabase(network: TestNetwork): Promise<DatabaseCopy> {
  const name = new URL(network.database.url).pathname.slice(1)
  const copy = `test_${randomBytes(8).toString('hex')}`
  const copyFrom = (source: string, target: string) =>
    asAdmin(inject('postgresUrl'), async (admin) => {
      await admin`
        select pg_terminate_backend(pid) from pg_stat_activity where datname = ${source}`
      await dropDatabase(admin, target)
      await createDatabaseLike(admin, target, source)
    })
  await network.stop()
  await copyFrom(name, copy)
  await network.startAgain()
  return {
    async restore(whileDown) {
      await network.stop()
      await copyFrom(copy, name)
      await whileDown?.()
      await network.startAgain()
    },
  }
}
