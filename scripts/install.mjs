// Plain JavaScript without dependencies, for Node 18 and later: it runs before anything is installed.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The root of the clone. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** Ends the process with a one-line error. */
export function giveUp(line) {
  console.error(line)
  process.exit(1)
}

/** Installs the dependencies if they are missing or do not match `package-lock.json`. */
export function install() {
  if (isInstalled()) return
  console.log('Installing dependencies, which takes about a minute …')
  // Including development dependencies, whatever NODE_ENV is, because the build of the web app
  // needs them.
  const options = ['--no-audit', '--no-fund', '--no-progress', '--loglevel=error']
  withNode24(options, (node) => {
    runNpm(node, ['ci', '--include=dev', '--include=optional', ...options])
  })
}

/**
 * Calls `use` with a Node that runs Sotto, or with undefined if there is none for this platform. npm
 * skips optional packages that the running Node is too old for, and they are needed later.
 */
function withNode24(options, use) {
  const name = `node-${process.platform}-${process.arch}`
  const { optionalDependencies = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const version = optionalDependencies[name]
  if (majorVersion() >= 24 || version === undefined) return use(undefined)
  const folder = mkdtempSync(join(tmpdir(), 'sotto-node-'))
  try {
    runNpm(undefined, ['install', '--prefix', folder, ...options, `${name}@${version}`])
    use(join(folder, 'node_modules', name, 'bin', 'node'))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs npm under this Node, or the current one. Ends the process if npm fails. */
function runNpm(node, args) {
  const { command, args: first } = npm(node)
  const env = node
    ? { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` }
    : process.env
  const result = spawnSync(command, [...first, ...args], { cwd: root, encoding: 'utf8', env })
  if (result.status === 0) return
  const told = `${result.error?.message ?? ''}${result.stderr ?? ''}`.trim().split('\n').slice(0, 8)
  giveUp(`The dependencies could not be installed (npm ${args[0]}):\n${told.join('\n')}`)
}

/** The npm that runs this script, or the one on the path; under `node` or the current Node. */
export function npm(node = process.execPath) {
  const path = process.env.npm_execpath ?? ''
  return path.endsWith('npm-cli.js')
    ? { command: node, args: [path] }
    : { command: 'npm', args: [] }
}

/** Compares the lockfile with the one that npm writes to `node_modules` when it has finished. */
function isInstalled() {
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'))
  const wanted = readPackages(join(root, 'package-lock.json'))
  return Object.entries(wanted).every(([path, entry]) => {
    // Optional packages are specific to a platform.
    if (!path.startsWith('node_modules/') || entry.optional) return true
    return installed[path] !== undefined && installed[path].version === entry.version
  })
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {}
}

/**
 * The path of a Node that runs TypeScript: the installed one, or the current one if it is new
 * enough.
 */
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

/** Ends the process if the current Node is too old even to start. */
export function requireNode18() {
  if (majorVersion() < 18) giveUp(`Sotto needs Node 18 or later; this is ${process.version}.`)
}

function majorVersion() {
  return Number(process.versions.node.split('.')[0])
}

/** Node options for our scripts and services. */
export const nodeOptions = ['--disable-warning=ExperimentalWarning']
