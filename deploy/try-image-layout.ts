// Builds the service image without a container engine: executes the stages of `service` in
// deploy/Dockerfile, COPY by COPY and RUN by RUN, in folders that represent their `/`, with the
// repository's Node in place of the base image's. Starts each program in it (with chroot, if it
// runs as root) and measures its size. Takes a minute and needs the registry: npm run
// test:image-layout.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readStages, type Stage } from './tests/dockerfile.ts'

const MOST_MEGABYTES = 230
const WORKDIR = 'app'

const repository = fileURLToPath(new URL('..', import.meta.url))
const stages = readStages(await readFile(join(repository, 'deploy/Dockerfile'), 'utf8'))
const top = await mkdtemp(join(tmpdir(), 'sotto-image-'))
/** The files that .dockerignore excludes from a copied folder. */
const ignored = /(^|\/)(node_modules|dist|tests)(\/|$)|\.md$/

async function build(name: string): Promise<string> {
  const stage = stages.find((one) => one.name === name)
  if (stage === undefined) throw new Error(`deploy/Dockerfile has no stage ${name}`)
  const folder = join(top, name)
  if (stages.some((one) => one.name === stage.base)) {
    await cp(await build(stage.base), folder, { recursive: true, verbatimSymlinks: true })
  }
  await mkdir(join(folder, WORKDIR), { recursive: true })
  for (const copy of stage.copies) await carry(copy, folder)
  for (const run of stage.runs) shell(run, folder)
  return folder
}

/** A path of the Dockerfile inside the folder that represents `/`. */
const within = (folder: string, path: string) =>
  path.startsWith('/') ? join(folder, path) : join(folder, WORKDIR, path)

async function carry({ from, sources, target }: Stage['copies'][number], folder: string) {
  const home = from === undefined ? repository : await build(from)
  for (const source of sources) {
    const path = from === undefined ? join(home, source) : within(home, source)
    const isIntoFolder = target.endsWith('/') && target !== '/'
    await cp(path, within(folder, isIntoFolder ? join(target, basename(source)) : target), {
      recursive: true,
      verbatimSymlinks: true,
      filter: (one) => from !== undefined || !ignored.test(relative(repository, one)),
    })
  }
}

function shell(command: string, folder: string) {
  console.log(command)
  // Absolute paths in a RUN refer to the stage's own root.
  const own = command.replaceAll(/ (?=\/)/g, ` ${folder}`)
  const { status } = spawnSync('sh', ['-c', own], {
    cwd: join(folder, WORKDIR),
    env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  if (status !== 0) throw new Error(`failed: ${command}`)
}

const isRoot = process.getuid?.() === 0

/** Starts a program without any settings: it must get as far as naming the required ones. */
function start(folder: string, program: string, expected: string, words: string[] = [], ends = 1) {
  const file = `/${WORKDIR}/${program}`
  const [command = '', ...args] = isRoot
    ? ['chroot', '--userspec=1000:1000', folder, '/usr/local/bin/node', file, ...words]
    : [join(folder, 'usr/local/bin/node'), join(folder, file), ...words]
  const { status, stderr } = spawnSync(command, args, {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
    },
    encoding: 'utf8',
    timeout: 30_000,
  })
  const isAsExpected = status === ends && stderr.includes(expected)
  console.log(`${isAsExpected ? 'starts' : 'DOES NOT START'}: ${program}`)
  if (!isAsExpected) throw new Error(`${program}, status ${status}: ${stderr}`)
}

function megabytesOf(folder: string): number {
  const { stdout } = spawnSync('du', ['-s', '--apparent-size', '-B', '1000000', folder], {
    encoding: 'utf8',
  })
  return Number(stdout.split('\t')[0])
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
    if (existsSync(join(folder, WORKDIR, 'node_modules', absent)))
      throw new Error(`The image contains ${absent}`)
  }
  const [whole, node, packages] = ['', 'usr/local/bin', `${WORKDIR}/node_modules`].map((part) =>
    megabytesOf(join(folder, part)),
  )
  console.log(
    `${whole} MB: ${node} MB Node, ${packages} MB packages; at most ${MOST_MEGABYTES} allowed`,
  )
  if (!isRoot)
    console.log('Started outside of the image, because only root could start them inside.')
  if (whole === undefined || whole > MOST_MEGABYTES) throw new Error('The image is too large')
} finally {
  await rm(top, { recursive: true, force: true })
}
