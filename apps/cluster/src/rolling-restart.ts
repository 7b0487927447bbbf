import type { Cluster } from './cluster.ts'
import type { Instance } from './parts/part.ts'

/**
 * Restarts every instance of every service, one after the other, while the gateway sends it no
 * requests. Users notice at most that their WebSocket closes with 1012 and reconnects. Rejects if
 * one does not return; the remaining ones are then unchanged.
 */
export async function rollingRestart(cluster: Cluster, print: (line: string) => void) {
  const restart = async (name: Instance) => {
    await cluster.part(name).stop()
    await cluster.part(name).start()
    print(`Restarting ${name}`)
  }
  try {
    // Normally there is only one auth, so a spare replaces it meanwhile.
    await cluster.part('auth-spare').start()
    await cluster.exclude('auth')
    await restart('auth')
    for (const name of ['chat-1', 'chat-2', 'websocket-1', 'websocket-2'] as const) {
      await cluster.exclude(name)
      await cluster.part('auth-spare').stop()
      await restart(name)
    }
  } finally {
    await cluster.exclude()
    await cluster.part('auth-spare').stop()
  }
}
