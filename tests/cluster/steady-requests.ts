import { setTimeout as sleep } from 'node:timers/promises'

const everyMs = 20

/** Asks for `paths` of `origin` in turn until it is stopped. An answer of 5xx, or none, is unexpected. */
export function askAgainAndAgain(origin: string, paths: readonly string[]) {
  const stopping = new AbortController()
  const unexpected: string[] = []
  let count = 0

  async function ask(path: string): Promise<void> {
    count += 1
    try {
      // A connection of its own for each: one that is kept may be closed at the moment it is used,
      // which is no answer of the server's and which every client tries again.
      const response = await fetch(origin + path, { headers: { connection: 'close' } })
      await response.arrayBuffer()
      if (response.status >= 500) unexpected.push(`${path}: ${response.status}`)
    } catch (error) {
      unexpected.push(`${path}: ${error instanceof Error ? (error.cause ?? error) : error}`)
    }
  }

  const asking = (async () => {
    const underWay: Promise<void>[] = []
    while (!stopping.signal.aborted) {
      underWay.push(ask(paths[count % paths.length] ?? '/'))
      await sleep(everyMs)
    }
    await Promise.all(underWay)
  })()

  return {
    async stop() {
      stopping.abort()
      await asking
      return { unexpected, count }
    },
  }
}
