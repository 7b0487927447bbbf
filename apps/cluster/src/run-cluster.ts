import { join } from 'node:path'
import { openLog } from '@sotto/all-in-one'
import { makeDataFolder } from '@sotto/local-postgres'
import { closeOnSignals, StartError } from '@sotto/service-runtime'
import { Cluster } from './cluster.ts'
import { readClusterConfig } from './config.ts'
import { commandsOf } from './control/carry-out.ts'
import { serveControl } from './control/serve-control.ts'
import { isRunning } from './control/tell-cluster.ts'
import { refuseMissingPrograms } from './missing-programs.ts'
import { rotateLogs } from './rotate-logs.ts'

const closeWithinMs = 90_000

/**
 * Runs the cluster in the foreground until a signal or `stop` stops it. Throws StartError and
 * ConfigError.
 */
export async function runCluster(
  env: NodeJS.ProcessEnv,
  print: (line: string) => void,
): Promise<void> {
  const config = readClusterConfig(env)
  const { dataFolder } = config
  await refuseMissingPrograms(config)
  await makeDataFolder(dataFolder)
  if (await isRunning(dataFolder)) {
    throw new StartError(`A cluster is already running on ${dataFolder}.`)
  }
  const logFolder = join(dataFolder, 'logs')
  await makeDataFolder(logFolder)
  const log = await openLog(logFolder, 'info')
  const cluster = await Cluster.prepare({ config, env, log, print })

  const stopping = new AbortController()
  let closing: Promise<void> | undefined
  // A signal during the start waits for the current step.
  const close = () => {
    stopping.abort()
    closing ??= starting.catch(() => undefined).then(() => cluster.stop())
    return closing
  }
  const control = await serveControl(
    dataFolder,
    commandsOf(cluster, async () => {
      await close()
      // After the answer was sent.
      setImmediate(() => process.kill(process.pid, 'SIGTERM'))
    }),
  )
  const starting = cluster.start(stopping.signal)
  const stopRotation = rotateLogs(logFolder, log)
  endWithParent(async () => {
    stopRotation()
    await close()
    await control.close()
  }, log)

  try {
    await starting
    print(`Sotto is running: ${cluster.publicUrl}`)
    print(
      `Its data and logs are in ${dataFolder}. Press Ctrl-C to stop it; npm run cluster -- help lists more commands.`,
    )
  } catch (error) {
    if (stopping.signal.aborted) return
    await close()
    await control.close()
    throw error
  }
}

/**
 * Stops at Ctrl-C, a termination signal, a closed terminal, and the end of the script that started
 * this process.
 */
function endWithParent(close: () => Promise<void>, log: Parameters<typeof closeOnSignals>[0]) {
  closeOnSignals(log, [{ name: 'cluster', close }], closeWithinMs)
  const end = () => process.kill(process.pid, 'SIGTERM')
  process.once('SIGHUP', end)
  process.once('disconnect', end)
}
