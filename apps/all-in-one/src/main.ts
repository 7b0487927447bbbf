import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { createCodeSender } from '@sotto/auth'
import { keepPostgresRunning, makeDataFolder, prepareDatabase } from '@sotto/local-postgres'
import {
  type Closable,
  ConfigError,
  closeInOrder,
  closeOnSignals,
  type Logger,
  removeOperatorFile,
  StartError,
  writeOperatorFile,
} from '@sotto/service-runtime'
import { startAutomaticCertificate } from './certificates/automatic-certificate.ts'
import type { KeptCertificate } from './certificates/keep-certificate.ts'
import { type Config, readAllInOneConfig, webAppFolder } from './config.ts'
import { openLog } from './open-log.ts'
import { type AllInOne, createAllInOne } from './run.ts'
import { loadSecrets } from './secrets.ts'
import { refuseTakenPort } from './taken-port.ts'

const trialWords =
  'This is a trial: log-in codes are printed here. To serve other people, set NODE_ENV=production, SIGN_UP and a sender for codes: docs/operating.md, "At home".'

const print = (line: string) => void process.stdout.write(`${line}\n`)

async function main(): Promise<void> {
  const config = readAllInOneConfig(process.env)
  const sendCode = createCodeSender(process.env, print)
  await refuseTakenPorts(config)
  await makeDataFolder(config.dataFolder)
  const log = await openLog(config.dataFolder, config.logLevel)

  // The started parts, latest first. A signal during the start waits for the current step.
  const parts: Closable[] = []
  const stopping = new AbortController()
  const starting = start(config, sendCode, log, parts, stopping.signal)
  const close = async () => {
    stopping.abort()
    await starting.catch(() => undefined)
    const failed = await closeInOrder(log, parts.splice(0))
    if (failed > 0) throw new Error(`${failed} parts could not be closed`)
  }
  stopWithParent(log, close)

  try {
    const folders = await starting
    print(`Sotto is running: ${config.publicUrl}`)
    if (config.acmeListener && !config.isProduction) print(trialWords)
    print(`Your data is in ${folders.join(' and ')}. Press Ctrl-C to stop Sotto.`)
  } catch (error) {
    if (stopping.signal.aborted) return
    await close()
    throw error
  }
}

/** Starts everything. Returns the folders that contain the data. */
async function start(
  config: Config,
  sendCode: ReturnType<typeof createCodeSender>,
  log: Logger,
  parts: Closable[],
  stopping: AbortSignal,
): Promise<string[]> {
  const secrets = await loadSecrets(config.dataFolder)
  const certificate = config.acmeListener && (await getCertificate(config, log))
  if (certificate) parts.unshift({ name: 'certificate', close: () => certificate.close() })
  const postgres = await keepPostgresRunning(config.dataFolder, log)
  parts.unshift({ name: 'postgres', close: () => postgres.stop() })
  stopping.throwIfAborted()

  const databaseUrls = await prepareDatabase(postgres.url, secrets.databasePasswords)
  stopping.throwIfAborted()

  if (certificate) await isThere(certificate, stopping)
  const operatorToken = randomBytes(32).toString('base64url')
  const sotto = await createAllInOne({
    ...config,
    ...(certificate && { certificate }),
    operatorToken,
    log,
    secrets,
    databaseUrls,
    sendCode,
    ...(isWebAppBuilt() && { webAppFolder }),
  })
  parts.unshift({ name: 'services', close: () => sotto.close() })
  await letOperatorIn(config, sotto, operatorToken, parts)
  const isElsewhere = relative(await realpath(config.dataFolder), postgres.cluster).startsWith('..')
  return [config.dataFolder, ...(isElsewhere ? [postgres.cluster] : [])]
}

/** Publishes how the operator's commands reach this process while it runs. */
async function letOperatorIn(
  { dataFolder, publicUrl }: Config,
  { internalUrl }: AllInOne,
  token: string,
  parts: Closable[],
): Promise<void> {
  const urls = internalUrl === undefined ? [] : [internalUrl]
  await writeOperatorFile(dataFolder, { token, auth: urls, chat: urls, publicUrl })
  parts.unshift({ name: 'operator file', close: () => removeOperatorFile(dataFolder) })
}

async function refuseTakenPorts({ host, port, acmeListener }: Config): Promise<void> {
  if (acmeListener === undefined) return refuseTakenPort({ host, port })
  await refuseTakenPort({ host, port: acmeListener.httpPort, variable: 'HTTP_PORT' })
  await refuseTakenPort({ host, port, variable: 'HTTPS_PORT' })
}

/** Starts to obtain a certificate while the rest starts. */
async function getCertificate(config: Config, log: Logger) {
  const { acmeListener, host, dataFolder, publicUrl } = config
  if (acmeListener === undefined) return undefined
  const listen = { host, port: acmeListener.httpPort }
  const settings = acmeListener.acme
  return startAutomaticCertificate({ settings, dataFolder, publicUrl, listen, log, print })
}

/** Sotto cannot be used before this. */
async function isThere({ current, first }: KeptCertificate, stopping: AbortSignal): Promise<void> {
  if (current() === undefined) print('Waiting for a certificate before Sotto can be used …')
  const { promise: stopped, reject } = Promise.withResolvers<never>()
  stopping.addEventListener('abort', () => reject(stopping.reason))
  await Promise.race([first, stopped])
}

function isWebAppBuilt(): boolean {
  const isBuilt = existsSync(join(webAppFolder, 'index.html'))
  if (!isBuilt) print('The web app is not built (npm run build), so only the services answer.')
  return isBuilt
}

/**
 * Stops at Ctrl-C, a termination signal, a closed terminal, and the end of the script that started
 * this process.
 */
function stopWithParent(log: Logger, close: () => Promise<void>): void {
  closeOnSignals(log, [{ name: 'sotto', close }])
  const end = () => process.kill(process.pid, 'SIGTERM')
  process.once('SIGHUP', end)
  process.once('disconnect', end)
}

/** One line for errors that the operator can fix; a stack for bugs. */
function fail(error: unknown): never {
  const isExpected = error instanceof StartError || error instanceof ConfigError
  const told = isExpected ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`Sotto cannot run. ${told}\n`)
  process.exit(1)
}

await main().catch(fail)
