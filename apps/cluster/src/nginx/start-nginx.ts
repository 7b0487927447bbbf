import { execFile } from 'node:child_process'
import { access, mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { StartError } from '@sotto/service-runtime'
import { type GatewayValues, renderNginxConfig } from '../../../../gateway/render-nginx-config.ts'
import { type Part, type Run, STARTS_WITHIN_MS } from '../parts/part.ts'
import { findProgram, runProgram, untilReady } from '../parts/run-program.ts'
import { answers } from '../parts/service.ts'

/** The gateway. Its configuration may change while it runs, without affecting open connections. */
export interface NginxPart extends Part {
  /** Applies new values. Resolves when no worker accepts requests with the previous ones. */
  reload(values: GatewayValues): Promise<void>
}

const stopWithinMs = 10_000
/**
 * NGINX tells its former workers to stop accepting connections 100 ms after the new ones have
 * started.
 */
const formerWorkersEndMs = 400

const moduleFolders = ['/usr/lib/nginx/modules', '/usr/share/nginx/modules', '/etc/nginx/modules']

/** The path of NGINX's module for Brotli-compressed files, or undefined. */
export async function findBrotliModule(): Promise<string | undefined> {
  for (const folder of moduleFolders) {
    const file = join(folder, 'ngx_http_brotli_static_module.so')
    const isThere = await access(file).then(
      () => true,
      () => false,
    )
    if (isThere) return file
  }
  return undefined
}

/** The gateway as a part of the cluster: NGINX in the foreground, with its own configuration. */
export function nginxPart(options: {
  readonly dataFolder: string
  readonly port: number
  readonly statusPort: number
  readonly values: GatewayValues
  readonly print: (line: string) => void
}): NginxPart {
  const { dataFolder, port, statusPort, print } = options
  const folder = join(dataFolder, 'run', 'nginx')
  const configFile = join(folder, 'nginx.conf')
  let values = options.values
  let generation = 0
  let run: Run | undefined
  const isGeneration = () => answers(`http://127.0.0.1:${statusPort}/generation/${generation}`)

  async function configure(): Promise<string> {
    const nginx = await findProgram('nginx')
    if (nginx === undefined)
      throw new StartError('NGINX is not installed: apt-get install nginx-light')
    generation += 1
    await mkdir(folder, { recursive: true, mode: 0o700 })
    // Renamed, so that NGINX never reads a partial file.
    await writeSecretly(`${configFile}.new`, await renderNginxConfig({ ...values, generation }))
    await check(nginx, `${configFile}.new`, folder)
    await rename(`${configFile}.new`, configFile)
    return nginx
  }

  return {
    name: 'nginx',
    port,
    isReady: () => answers(`http://127.0.0.1:${statusPort}/status`),
    async start(signal) {
      const nginx = await configure()
      run = await runProgram({
        command: nginx,
        args: ['-c', configFile, '-p', folder, '-e', values.errorLog],
        env: { PATH: process.env.PATH, TZ: 'UTC' },
        folder,
        logFile: values.errorLog,
        stopSignal: 'SIGTERM',
        stopWithinMs,
        signal,
        onLine: (line) => print(`nginx: ${line}`),
      })
      const failure = `NGINX does not start; see ${values.errorLog}.`
      await untilReady(run, isGeneration, { failure, withinMs: STARTS_WITHIN_MS, signal })
      return run
    },
    async reload(next) {
      values = next
      if (run === undefined) return
      await configure()
      process.kill(run.pid, 'SIGHUP')
      const deadline = performance.now() + STARTS_WITHIN_MS
      while (!(await isGeneration())) {
        if (performance.now() > deadline)
          throw new StartError('NGINX did not apply its new configuration.')
        await sleep(25)
      }
      await sleep(formerWorkersEndMs)
    },
  }
}

/** The file contains the secret that authenticates the gateway to the services. */
const writeSecretly = (file: string, text: string) => writeFile(file, text, { mode: 0o600 })

/** Throws StartError with NGINX's own message if it rejects a configuration. */
async function check(nginx: string, configFile: string, folder: string): Promise<void> {
  const args = ['-t', '-q', '-c', configFile, '-p', folder, '-e', 'stderr']
  await promisify(execFile)(nginx, args).catch((error: unknown) => {
    const said =
      error instanceof Error && 'stderr' in error
        ? String(error.stderr).trim()
        : 'without a message'
    throw new StartError(`NGINX rejects its configuration: ${said}`)
  })
}
