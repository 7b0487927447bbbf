import { setTimeout as sleep } from 'node:timers/promises'

const everyMs = 20

/**
 * Requests the `paths` of `origin` in turn until it is stopped. A missing or 5xx answer is
 * unexpected.
 */
export function askAgainAndAgain(origin: string, paths: readonly string[]) {
  const stopping = new AbortController()
  const unexpected: string[] = []
  let count = 0

  async function ask(path: string): Promise<void> {
    count += 1
    try {
      // A separate connection for each request: a kept-alive one may be closed at the moment of
      // use, which is not a server error, and which every client retries.
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
