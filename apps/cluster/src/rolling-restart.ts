import type { Cluster } from './cluster.ts'
import type { Instance } from './parts/part.ts'

/**
 * Restarts every instance of every service, one after the other, each while the gateway passes nothing
 * to it. Whoever is connected notices at most that their WebSocket closes with 1012 and opens again.
 * Rejects when one does not come back; those after it are then as they were.
 */
export async function rollingRestart(cluster: Cluster, print: (line: string) => void) {
  const restart = async (name: Instance) => {
    await cluster.part(name).stop()
    await cluster.part(name).start()
    print(`${name} is restarted`)
  }
  try {
    // There is one auth, so another one stands in for it.
    await cluster.part('auth-spare').start()
    await cluster.takeOut('auth')
    await restart('auth')
    for (const name of ['chat-1', 'chat-2', 'websocket-1', 'websocket-2'] as const) {
      await cluster.takeOut(name)
      await cluster.part('auth-spare').stop()
      await restart(name)
    }
  } finally {
    await cluster.takeOut()
    await cluster.part('auth-spare').stop()
  }
}
