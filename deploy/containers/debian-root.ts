import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { kept, removeTree } from './cache-folder.ts'
import { run, works } from './run-command.ts'

const mirror = 'http://deb.debian.org/debian'

/** A Debian root folder. */
export interface DebianRoot {
  readonly suite: 'bookworm' | 'trixie'
  /** Users with the ids of the official image. */
  readonly users: readonly { name: string; id: number; home: string }[]
  readonly packages: readonly string[]
}

/** Creates the root folder of a Debian with packages; takes minutes the first time. */
export async function makeDebianRoot(
  root: string,
  { suite, users, packages }: DebianRoot,
): Promise<void> {
  const base = await kept(`debian-${suite}`, { suite, mirror }, (file) => bootstrap(suite, file))
  await mkdir(root, { recursive: true })
  await run(['tar', '-xzf', base, '--numeric-owner', '-C', root])
  for (const { name, id, home } of users) {
    await inside(root, 'groupadd', '--gid', `${id}`, name)
    await inside(root, 'useradd', '--uid', `${id}`, '--gid', `${id}`, '--home-dir', home, name)
  }
  if (packages.length === 0) return
  // Debian runs it before it starts a package's service; this one refuses.
  const policy = join(root, 'usr/sbin/policy-rc.d')
  await writeFile(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  await inside(root, 'apt-get', 'update', '-qq')
  await inside(root, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages)
  await inside(root, 'apt-get', 'clean')
  await inside(root, 'find', '/var/lib/apt/lists', '-mindepth', '1', '-delete')
  await rm(policy)
}

async function bootstrap(suite: string, file: string): Promise<void> {
  if (!(await works('debootstrap', '--version'))) {
    throw new Error(
      'No image registry answers, and debootstrap, which creates images without one, is missing. On Debian: apt-get install debootstrap',
    )
  }
  console.log(`Creating a Debian ${suite} with debootstrap, which takes minutes, but only once …`)
  const root = `${file}.root`
  try {
    await run(['debootstrap', '--variant=minbase', suite, root, mirror])
    // The image need not survive a power failure while it is being created.
    await writeFile(join(root, 'etc/dpkg/dpkg.cfg.d/unsafe'), 'force-unsafe-io\n')
    await inside(root, 'apt-get', 'clean')
    await run(['tar', '-czf', file, '--numeric-owner', '-C', root, '.'])
  } finally {
    await removeTree(root)
  }
}

/** Runs a command as root in that folder. */
async function inside(root: string, ...command: string[]): Promise<void> {
  const variables = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
  // The folder uses this machine's DNS configuration, which debootstrap has copied.
  await run(['chroot', root, ...command], { variables })
}
