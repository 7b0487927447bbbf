import { randomUUID } from 'node:crypto'
import {
  cp,
  lstat,
  mkdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { StartError } from '@sotto/service-runtime'
import type { Binaries } from './binaries.ts'
import { run } from './system.ts'

/** Where the database lies and how its programs are started. */
export interface Place {
  /** The folder of the database cluster, without symbolic links. It need not exist yet. */
  cluster: string
  /** The folder with `bin`, `lib` and `share`. */
  binaries: string
  /** Put before the program: empty, or the call that leads into a user namespace. */
  prefix: string[]
  /** Whom the programs run as, where that is not whoever runs this process. */
  user?: { uid: number; gid: number }
}

// Note: PostgreSQL and root
//
// PostgreSQL refuses to run as root. As an ordinary user there is nothing to do. As root:
// 1. In a user namespace in which root looks like an ordinary user. The files stay root's and
//    nothing needs to be reachable by anybody else. The usual way.
// 2. Where namespaces are refused (many containers): as a system user. The data stay where they
//    are if that user can get there, otherwise they live under /var/lib/sotto and a symbolic link
//    stands in the data folder; so do the programs.
// Who owns the database decides: one that belongs to a user is always run as that user.

/** Folders of the system user, where the data folder is out of reach for it. */
const systemFolder = '/var/lib/sotto'

/** Finds the place of the database of `dataFolder`; see the note "PostgreSQL and root". */
export async function findPlace(dataFolder: string, binaries: Binaries): Promise<Place> {
  const cluster = join(await realpath(dataFolder), 'postgres')
  await finishMove(cluster)
  const plain: Place = {
    cluster: await realpath(cluster).catch(() => cluster),
    binaries: binaries.folder,
    prefix: [],
  }
  if (process.getuid?.() !== 0) return plain

  const owner = await stat(cluster).catch(() => undefined)
  if (owner !== undefined && owner.uid !== 0) {
    const user = { uid: owner.uid, gid: owner.gid }
    return { ...plain, user, binaries: await reachableBinaries(binaries, user.uid) }
  }
  const prefix = await namespacePrefix()
  if (prefix !== undefined) return { ...plain, prefix }

  const user = await systemUser()
  return {
    cluster: await clusterOf(user, cluster),
    binaries: await reachableBinaries(binaries, user.uid),
    prefix: [],
    user,
  }
}

/** The call that makes root look like an ordinary user, or undefined where it is refused. */
async function namespacePrefix(): Promise<string[] | undefined> {
  // initdb asks for the name of its user, so the number must be one that /etc/passwd knows.
  const { uid, gid } = (await findUser('nobody')) ?? { uid: 65534, gid: 65534 }
  const call = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--']
  try {
    await run('unshare', [...call.slice(1), 'true'])
    return call
  } catch {
    return undefined
  }
}

/** The same place, for programs that are told to end (SIGINT) when whoever started them is gone. */
export async function boundToStarter(place: Place): Promise<Place> {
  // Behind `unshare`: entering a namespace would undo it.
  const prefix = [...place.prefix, 'setpriv', '--pdeathsig=INT', '--']
  const isThere = await run('setpriv', ['--version']).then(
    () => true,
    () => false,
  )
  return isThere ? { ...place, prefix } : place
}

async function systemUser(): Promise<{ uid: number; gid: number }> {
  const create = ['--system', '--user-group', '--no-create-home', '--shell', '/bin/false', 'sotto']
  const known = await findUser('sotto')
  if (known !== undefined) return known
  await run('useradd', create).catch(() => undefined)
  const user = (await findUser('sotto')) ?? (await findUser('nobody'))
  if (user !== undefined) return user
  throw new StartError(
    'PostgreSQL refuses to run as root, user namespaces are not allowed here, and no user named sotto can be made. Start Sotto as an ordinary user.',
  )
}

async function findUser(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

/** The folder of the cluster, made so that `user` owns it and can get there. */
async function clusterOf(user: { uid: number; gid: number }, wanted: string): Promise<string> {
  const exists = (await lstat(wanted).catch(() => undefined)) !== undefined
  const owner = `${user.uid}:${user.gid}`
  if (await isReachable(dirname(wanted), user.uid)) {
    if (exists) await run('chown', ['-R', owner, wanted])
    return wanted
  }
  // Not named after the data folder: a new one in the place of a deleted one has its own database.
  const home = join(systemFolder, randomUUID())
  const target = join(home, 'postgres')
  await mkdir(home, { recursive: true, mode: 0o755 })
  await mkdir(target, { mode: 0o700 })
  if (exists) await cp(wanted, target, { recursive: true, verbatimSymlinks: true })
  await run('chown', ['-R', owner, target])
  await run('sync', [])
  if (exists) await rename(wanted, `${wanted}.moved`)
  await symlink(target, wanted)
  await rm(`${wanted}.moved`, { recursive: true, force: true })
  return target
}

/** A move that was cut off between its two last steps left the database under its other name. */
async function finishMove(cluster: string): Promise<void> {
  const link = await lstat(cluster).catch(() => undefined)
  if (link === undefined) await rename(`${cluster}.moved`, cluster).catch(() => undefined)
  // Never start anew beside a database that is only out of sight.
  const isDangling = link?.isSymbolicLink() && !(await stat(cluster).catch(() => undefined))
  if (isDangling) {
    throw new StartError(`${cluster} points to ${await readlink(cluster)}, which is missing.`)
  }
}

/** The binaries where `uid` can run them: as installed, or a copy that serves all clones. */
async function reachableBinaries(binaries: Binaries, uid: number): Promise<string> {
  if (await isReachable(await realpath(binaries.folder), uid)) return binaries.folder
  const copy = join(systemFolder, `postgresql-${binaries.version}`)
  if (await stat(copy).catch(() => undefined)) return copy
  const half = `${copy}.${process.pid}`
  await mkdir(half, { recursive: true, mode: 0o755 })
  await cp(binaries.folder, half, { recursive: true, verbatimSymlinks: true })
  await run('chmod', ['-R', 'a+rX', half])
  await rename(half, copy)
  return copy
}

/** Whether `uid` may enter `folder` and every folder above it; groups are not considered. */
async function isReachable(folder: string, uid: number): Promise<boolean> {
  const { mode, uid: owner } = await stat(folder)
  const enter = owner === uid ? 0o100 : 0o001
  if ((mode & enter) === 0) return false
  return folder === dirname(folder) || isReachable(dirname(folder), uid)
}
