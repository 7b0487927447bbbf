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

/** The location of the database, and how to start its programs. */
export interface Place {
  /** The folder of the database cluster, without symbolic links. It may not exist yet. */
  cluster: string
  /** The folder with `bin`, `lib` and `share`. */
  binaries: string
  /** The command prefix: empty, or the call that enters a user namespace. */
  prefix: string[]
  /** The user that the programs run as, if it is not the user of this process. */
  user?: { uid: number; gid: number }
}

// Note: PostgreSQL and root
//
// PostgreSQL refuses to run as root. An ordinary user needs nothing special. For root, PostgreSQL runs:
// 1. Usually, in a user namespace in which root looks like an ordinary user. The files remain owned by
//    root, and no other user needs access to them.
// 2. Where namespaces are not permitted (many containers), as a system user. The data stay in the data
//    folder if that user can reach it. Otherwise they are stored under /var/lib/sotto, and the data
//    folder contains a symbolic link. The same applies to the programs.
// The owner of the database decides: a database that belongs to a user always runs as that user.

/** The folder of the system user, if it cannot reach the data folder. */
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

/** The call that makes root look like an ordinary user; undefined if it is not permitted. */
async function namespacePrefix(): Promise<string[] | undefined> {
  // initdb needs its user's name, so the id must be in /etc/passwd.
  const { uid, gid } = (await findUser('nobody')) ?? { uid: 65534, gid: 65534 }
  const call = ['unshare', '--user', `--map-user=${uid}`, `--map-group=${gid}`, '--']
  try {
    await run('unshare', [...call.slice(1), 'true'])
    return call
  } catch {
    return undefined
  }
}

/** The same place, for programs that get SIGINT when the process that started them is gone. */
export async function boundToStarter(place: Place): Promise<Place> {
  // Behind `unshare`, because entering a namespace would undo it.
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
    'PostgreSQL refuses to run as root, user namespaces are not allowed here, and the user sotto cannot be created. Start Sotto as an ordinary user.',
  )
}

async function findUser(name: string): Promise<{ uid: number; gid: number } | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

/** Creates the cluster's folder so that `user` owns it and can reach it. */
async function clusterOf(user: { uid: number; gid: number }, wanted: string): Promise<string> {
  const exists = (await lstat(wanted).catch(() => undefined)) !== undefined
  const owner = `${user.uid}:${user.gid}`
  if (await isReachable(dirname(wanted), user.uid)) {
    if (exists) await run('chown', ['-R', owner, wanted])
    return wanted
  }
  // Not named after the data folder: a new data folder at the path of a deleted one must get its
  // own database.
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

/**
 * A move that was interrupted between its last two steps left the database under its temporary
 * name.
 */
async function finishMove(cluster: string): Promise<void> {
  const link = await lstat(cluster).catch(() => undefined)
  if (link === undefined) await rename(`${cluster}.moved`, cluster).catch(() => undefined)
  // Never initialize a new database beside one that is only temporarily unreachable.
  const isDangling = link?.isSymbolicLink() && !(await stat(cluster).catch(() => undefined))
  if (isDangling) {
    throw new StartError(`${cluster} points to ${await readlink(cluster)}, which does not exist.`)
  }
}

/**
 * The binaries in a place where `uid` can run them: as installed, or a copy that serves all clones.
 */
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

/** Whether `uid` may enter `folder` and every folder above it. Ignores groups. */
async function isReachable(folder: string, uid: number): Promise<boolean> {
  const { mode, uid: owner } = await stat(folder)
  const enter = owner === uid ? 0o100 : 0o001
  if ((mode & enter) === 0) return false
  return folder === dirname(folder) || isReachable(dirname(folder), uid)
}
