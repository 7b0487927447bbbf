import { join } from 'node:path'
import { repository } from '../config.ts'
import { type Instance, type Part, STARTS_WITHIN_MS } from './part.ts'
import { runProgram, untilReady } from './run-program.ts'

export interface ServiceOptions {
  readonly name: Instance
  readonly service: 'auth' | 'chat' | 'websocket'
  readonly port: number
  readonly internalPort: number
  readonly env: NodeJS.ProcessEnv
  readonly dataFolder: string
  /**
   * Prints a line for the operator: one-time codes in development, or why the service cannot run.
   */
  readonly print: (line: string) => void
}

// A service aborts a slow stop by itself after 25 seconds.
const stopWithinMs = 30_000

/** One instance of a service as a separate process. */
export function servicePart(options: ServiceOptions): Part {
  const { name, service, internalPort, dataFolder } = options
  const isReady = () => answers(`http://127.0.0.1:${internalPort}/ready`)
  return {
    name,
    port: options.port,
    isReady,
    async start(signal) {
      const run = await runProgram({
        command: process.execPath,
        args: ['--disable-warning=ExperimentalWarning', mainOf(service)],
        env: {
          ...options.env,
          INTERNAL_PORT: `${internalPort}`,
          // With compiled code cached, an instance restarts in half the time.
          NODE_COMPILE_CACHE: options.env.NODE_COMPILE_CACHE ?? join(dataFolder, 'compiled'),
        },
        folder: join(dataFolder, 'run', name),
        logFile: join(dataFolder, 'logs', `${name}.log`),
        stopSignal: 'SIGTERM',
        stopWithinMs,
        signal,
        onLine(line) {
          options.print(line.startsWith('Code for ') ? line : `${name}: ${line}`)
        },
      })
      const failure = `${name} does not start.`
      await untilReady(run, isReady, { failure, withinMs: STARTS_WITHIN_MS, signal })
      return run
    },
  }
}

function mainOf(service: ServiceOptions['service']): string {
  return join(repository, 'services', service, 'src/main.ts')
}

/** Whether an address of this machine answers with success. */
export async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) })
    await response.body?.cancel()
    return response.ok
  } catch {
    return false
  }
}
