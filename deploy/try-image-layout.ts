// Builds the folder of the service image without an engine for containers: runs what the stages
// `production-packages` and `service` of deploy/Dockerfile say, COPY by COPY and RUN by RUN, in a folder of
// its own, and starts each program from it. Takes a minute and the registry: npm run test:image-layout.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readStages, type Stage } from './tests/dockerfile.ts'

const repository = fileURLToPath(new URL('..', import.meta.url))
const stages = readStages(await readFile(join(repository, 'deploy/Dockerfile'), 'utf8'))
const top = await mkdtemp(join(tmpdir(), 'sotto-image-'))
const folders = new Map<string, string>()
/** What .dockerignore keeps out of a folder that is copied. */
const ignored = /(^|\/)(node_modules|dist|tests)(\/|$)|\.md$/

async function build(name: string): Promise<string> {
  const stage = stages.find((one) => one.name === name)
  if (stage === undefined) throw new Error(`deploy/Dockerfile has no stage ${name}`)
  const folder = join(top, name)
  if (stages.some((one) => one.name === stage.base)) {
    await cp(await build(stage.base), folder, { recursive: true, verbatimSymlinks: true })
  }
  await mkdir(folder, { recursive: true })
  folders.set(name, folder)
  for (const copy of stage.copies) await carry(copy, folder)
  for (const run of stage.runs) shell(run, folder)
  return folder
}

async function carry({ from, sources, target }: Stage['copies'][number], folder: string) {
  const home = from === undefined ? repository : await build(from)
  for (const source of sources) {
    const path = join(home, source.replace(/^\/app\//, ''))
    const into = target.endsWith('/')
      ? join(folder, target, basename(source))
      : join(folder, target)
    await cp(path, into, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (one) => from !== undefined || !ignored.test(relative(repository, one)),
    })
  }
}

function shell(command: string, cwd: string) {
  console.log(command)
  const { status } = spawnSync('sh', ['-c', command], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`failed: ${command}`)
}

/** Starts a program without any settings: it must get as far as naming the ones it needs. */
function start(folder: string, program: string, expected: string, args: string[] = [], ends = 1) {
  const { status, stderr } = spawnSync(process.execPath, [program, ...args], {
    cwd: folder,
    env: { NODE_ENV: 'production', NODE_OPTIONS: '--disable-warning=ExperimentalWarning' },
    encoding: 'utf8',
    timeout: 30_000,
  })
  const isAsExpected = status === ends && stderr.includes(expected)
  console.log(`${isAsExpected ? 'starts' : 'DOES NOT START'}: ${program}`)
  if (!isAsExpected) throw new Error(`${program}, status ${status}: ${stderr}`)
}

try {
  const folder = await build('service')
  start(folder, 'services/auth/src/main.ts', 'AUTH_DATABASE_URL')
  start(folder, 'services/chat/src/main.ts', 'CHAT_DATABASE_URL')
  start(folder, 'services/websocket/src/main.ts', 'RABBITMQ_URL')
  start(folder, 'deploy/image/migrate.ts', 'AUTH_OWNER_DATABASE_URL')
  start(folder, 'deploy/image/write-nginx-config.ts', 'AUTH_INSTANCES')
  start(folder, 'apps/admin/src/main.ts', 'No Sotto is running', ['accounts'], 3)
  for (const absent of ['vitest', 'typescript', 'vite', 'react', '@sotto/crypto', '@sotto/sdk']) {
    if (existsSync(join(folder, 'node_modules', absent)))
      throw new Error(`${absent} is in the image`)
  }
  const { stdout } = spawnSync('du', ['-sm', folder], { encoding: 'utf8' })
  console.log(`${stdout.split('\t')[0]} MB, production packages only`)
} finally {
  await rm(top, { recursive: true, force: true })
}
