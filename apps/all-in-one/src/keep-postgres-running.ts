import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@sotto/service-runtime'
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres.ts'

const maxTries = 5

/** A PostgreSQL that is started again when it ends unasked: killed, or out of memory. */
export interface KeptPostgres {
  readonly url: string
  readonly cluster: string
  stop(): Promise<void>
}

/**
 * Starts the PostgreSQL of `dataFolder` and keeps it running, always on the same port, so that the
 * services' pools find it again. `giveUp` is called when it cannot be started any more.
 */
export async function keepPostgresRunning(
  dataFolder: string,
  log: Logger,
  giveUp: (error: unknown) => void,
): Promise<KeptPostgres> {
  let current = await startEmbeddedPostgres({ dataFolder })
  let isStopping = false
  const { url, port, cluster } = current

  async function watch() {
    while (!isStopping) {
      await current.ended
      if (isStopping) return
      log.error('PostgreSQL has ended, and is started again')
      current = await startAgain(() => startEmbeddedPostgres({ dataFolder, port }))
    }
  }
  const watching = watch().catch((error) => {
    if (!isStopping) giveUp(error)
  })

  return {
    url,
    cluster,
    async stop() {
      isStopping = true
      await current.stop()
      await watching
    },
  }
}

async function startAgain(start: () => Promise<EmbeddedPostgres>): Promise<EmbeddedPostgres> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start()
    } catch (error) {
      if (tries === maxTries) throw error
      await sleep(tries * 500)
    }
  }
}
