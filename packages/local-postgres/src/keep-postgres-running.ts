import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@sotto/service-runtime'
import { startEmbeddedPostgres } from './embedded-postgres.ts'

const longestWaitMs = 3_000

/** A PostgreSQL that is restarted when it exits unexpectedly: killed, or out of memory. */
export interface KeptPostgres {
  readonly url: string
  readonly cluster: string
  stop(): Promise<void>
}

/**
 * Starts the PostgreSQL of `dataFolder` and keeps it running, always on the same port, so that the
 * services' pools find it again. If it cannot restart, for example because the disk is full, it
 * retries until it can; meanwhile the services answer `unavailable`. Throws if the first start
 * fails.
 */
export async function keepPostgresRunning(dataFolder: string, log: Logger): Promise<KeptPostgres> {
  let current = await startEmbeddedPostgres({ dataFolder })
  const stopping = new AbortController()
  const { url, port, cluster } = current

  async function startAgain(): Promise<void> {
    for (let tries = 1; !stopping.signal.aborted; tries++) {
      try {
        current = await startEmbeddedPostgres({ dataFolder, port })
        return
      } catch (error) {
        log.error({ err: error, tries }, 'PostgreSQL could not be started')
        const wait = Math.min(tries * 500, longestWaitMs)
        await sleep(wait, undefined, stopping).catch(() => {})
      }
    }
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      await current.ended
      if (stopping.signal.aborted) return
      log.error('PostgreSQL has exited and is being restarted')
      await startAgain()
    }
  }
  const watching = watch()

  return {
    url,
    cluster,
    async stop() {
      stopping.abort()
      await current.stop()
      await watching
      // It may have been starting up.
      await current.stop()
    },
  }
}
