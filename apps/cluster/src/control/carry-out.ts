import type { Cluster } from '../cluster.ts'
import type { PartName } from '../parts/part.ts'
import { rollingRestart } from '../rolling-restart.ts'
import type { Commands } from './commands.ts'

/** The commands of a running cluster, which makes one change at a time. `stop` stops it. */
export function commandsOf(cluster: Cluster, stop: () => Promise<void>): Commands {
  let change: Promise<unknown> = Promise.resolve()
  /** Waits for the current change, whether it succeeds or not. */
  const inTurn = async (act: () => Promise<void>) => {
    const turn = change.then(act, act)
    change = turn.catch(() => undefined)
    await turn
    return null
  }
  return async ({ command, args }, print) => {
    const part = () => cluster.part(args[0] as PartName)
    switch (command) {
      case 'status':
        return {
          url: cluster.publicUrl,
          dataFolder: cluster.dataFolder,
          ports: cluster.ports,
          parts: await cluster.status(),
        }
      case 'health':
        return (await cluster.health()) ?? null
      case 'rabbitmqctl':
        return cluster.rabbitmqctl(args)
      case 'stop':
        // Not in turn: stopping does not wait for a restart.
        await stop()
        return null
      case 'start-part':
        return inTurn(() => part().start())
      case 'stop-part':
        return inTurn(() => part().stop())
      case 'restart':
        return inTurn(async () => {
          await part().stop()
          await part().start()
        })
      case 'reload':
        return inTurn(() => cluster.exclude())
      case 'rolling-restart':
        return inTurn(() => rollingRestart(cluster, print))
    }
  }
}
