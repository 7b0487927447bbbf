import { appendFile, chmod, copyFile, cp, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { findBinaries } from '../../tests/postgres/postgres-programs.ts'
import { kept, removeTree } from './cache-folder.ts'
import { type DebianRoot, makeDebianRoot } from './debian-root.ts'
import { freshShell, run } from './run-command.ts'

/** A substitute for an official image if no registry can be reached. */
export interface StandIn {
  /** A description of its content. */
  readonly words: string
  /** Everything that determines its content; another recipe is another image. */
  readonly recipe: DebianRoot & { readonly versions: readonly string[] }
  /** Adds files that do not come from Debian. */
  readonly fill?: (root: string) => Promise<void>
  /** From the official image: Dockerfile instructions. */
  readonly changes: readonly string[]
}

const path = (...folders: string[]) =>
  `ENV PATH=${[...folders, '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'].join(':')}`

/** npm in the version that comes with Node, from its own package in the registry. */
const npm = {
  name: 'npm@11.19.1',
  integrity:
    'sha512-ztsxKxt/kkIaAs+2i0GU6I+DRmUdrNasxTZKJe9TCdSjKxlhah/4r/hl5ygMD6XAg1qZ9c2TNomR4qgOydp10g==',
}

/** Node and npm, with this machine's certificate authority if it has its own. */
export function nodeStandIn(): StandIn {
  const authority = freshShell.NODE_EXTRA_CA_CERTS
  const inImage = '/etc/ssl/authority-of-the-machine.pem'
  return {
    words: `Debian bookworm by debootstrap, Node ${process.version} of this clone, ${npm.name}`,
    recipe: {
      suite: 'bookworm',
      users: [{ name: 'node', id: 1000, home: '/home/node' }],
      packages: [],
      versions: [process.version, npm.integrity, authority ?? ''],
    },
    fill: async (root) => {
      const home = join(root, 'usr/local')
      await copyFile(process.execPath, join(home, 'bin/node'))
      await chmod(join(home, 'bin/node'), 0o755)
      await installNpm(home)
      if (authority !== undefined) {
        await mkdir(join(root, 'etc/ssl'), { recursive: true })
        await copyFile(authority, join(root, inImage))
      }
    },
    changes: [
      path(),
      ...(authority === undefined ? [] : [`ENV NODE_EXTRA_CA_CERTS=${inImage}`]),
      'CMD ["node"]',
    ],
  }
}

async function installNpm(home: string): Promise<void> {
  const target = join(home, 'lib/node_modules/npm')
  await mkdir(target, { recursive: true })
  const packing = ['npm', 'pack', '--json', '--pack-destination', target, npm.name]
  const [packed] = JSON.parse(await run(packing, { cwd: home }))
  if (packed.integrity !== npm.integrity)
    throw new Error(`${npm.name} does not have the expected hash`)
  const file = join(target, packed.filename)
  await run(['tar', '-xzf', file, '--strip-components=1', '-C', target])
  await rm(file)
  for (const name of ['npm', 'npx']) {
    await run(['ln', '-s', `../lib/node_modules/npm/bin/${name}-cli.js`, join(home, 'bin', name)])
  }
}

/** PostgreSQL as `npm start` runs it, and Debian's psql. */
export async function postgresStandIn(): Promise<StandIn> {
  const { folder, version } = await findBinaries()
  const home = '/usr/lib/postgresql/18'
  // The path in Debian's and the official image; the embedded binaries use /tmp.
  const socketFolder = '/var/run/postgresql'
  return {
    words: `Debian bookworm by debootstrap, PostgreSQL ${version} of the embedded binaries, psql 15 of Debian`,
    recipe: {
      suite: 'bookworm',
      users: [{ name: 'postgres', id: 999, home: '/var/lib/postgresql' }],
      packages: ['postgresql-client-15'],
      versions: [version, socketFolder],
    },
    fill: async (root) => {
      await cp(folder, join(root, home), { recursive: true, verbatimSymlinks: true })
      await run(['chroot', root, 'chown', '-R', 'root:root', home])
      const sample = join(root, home, 'share/postgresql/postgresql.conf.sample')
      await appendFile(sample, `unix_socket_directories = '${socketFolder}'\n`)
      await run(['chroot', root, 'install', '-d', '-o', '999', '-g', '999', '/var/lib/postgresql'])
    },
    changes: [
      path(`${home}/bin`, '/usr/lib/postgresql/15/bin'),
      'ENV LANG=C.UTF-8',
      'VOLUME /var/lib/postgresql',
    ],
  }
}

/** RabbitMQ 4.0 from Debian. */
export function rabbitmqStandIn(): StandIn {
  const home = '/var/lib/rabbitmq'
  return {
    words: 'Debian trixie by debootstrap, its RabbitMQ 4.0',
    recipe: {
      suite: 'trixie',
      users: [{ name: 'rabbitmq', id: 999, home }],
      packages: ['rabbitmq-server'],
      versions: [],
    },
    changes: [
      path('/usr/lib/rabbitmq/bin'),
      `ENV HOME=${home} LANG=C.UTF-8 RABBITMQ_LOGS=-`,
      `VOLUME ${home}`,
      'CMD ["rabbitmq-server"]',
    ],
  }
}

/** Builds the image `tag` from an archive that is cached. */
export async function makeStandIn(tag: string, name: string, standIn: StandIn): Promise<void> {
  const archive = await kept(name, standIn.recipe, async (file) => {
    const root = `${file}.root`
    try {
      await makeDebianRoot(root, standIn.recipe)
      await standIn.fill?.(root)
      await run(['tar', '-czf', file, '--numeric-owner', '-C', root, '.'])
    } finally {
      await removeTree(root)
    }
  })
  const changes = standIn.changes.flatMap((change) => ['--change', change])
  await run(['docker', 'import', ...changes, archive, tag])
}
