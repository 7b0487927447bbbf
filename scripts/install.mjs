// Plain JavaScript without dependencies, for Node 18 and later: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the clone. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Ends the process with one line that says what is wrong. */
export function giveUp(line) {
  console.error(line)
  process.exit(1)
}

/** Installs the dependencies when they are missing or not those of `package-lock.json`. */
export function install() {
  if (isInstalled()) return
  console.log('Installing dependencies, which takes about a minute …')
  // Development dependencies too, whatever NODE_ENV says: the build of the web app is among them.
  const options = [
    '--include=dev',
    '--include=optional',
    '--no-audit',
    '--no-fund',
    '--no-progress',
  ]
  const { command, args } = npm()
  const result = spawnSync(command, [...args, 'ci', ...options, '--loglevel=error'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (result.status === 0) return
  const told = `${result.error?.message ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(0, 8)
  giveUp(`The dependencies could not be installed (npm ci):\n${told.join('\n')}`)
}

/** The npm that runs this script, or the one on the path. */
export function npm() {
  const path = process.env.npm_execpath ?? ''
  return path.endsWith('npm-cli.js')
    ? { command: process.execPath, args: [path] }
    : { command: 'npm', args: [] }
}

/** Compares the lockfile with the one npm writes into `node_modules` when it has finished. */
function isInstalled() {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  const wanted = readPackages(join(root, 'package-lock.json'))
  return Object.entries(wanted).every(([path, entry]) => {
    // Optional packages are those of one platform each.
    if (!path.startsWith('node_modules/') || entry.optional) return true
    return installed[path] !== undefined && installed[path].version === entry.version
  })
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

/** The path of a Node that runs TypeScript: the installed one, or the running one if it is new enough. */
export function findNode24() {
  const installed = join(
    root,
    'node_modules',
    `node-${process.platform}-${process.arch}`,
    'bin',
    'node',
  )
  if (existsSync(installed)) return installed
  if (majorVersion() >= 24) return process.execPath
  return giveUp(
    `Sotto needs Node 24 or later on ${process.platform}-${process.arch}; this is ${process.version}. Get it from https://nodejs.org.`,
  )
}

/** Ends the process when the running Node is too old even for the start. */
export function requireNode18() {
  if (majorVersion() < 18) giveUp(`Sotto needs Node 18 or later; this is ${process.version}.`)
}

function majorVersion() {
  return Number(process.versions.node.split('.')[0])
}

/** Options of Node for our scripts and services. */
export const nodeOptions = ['--disable-warning=ExperimentalWarning']
