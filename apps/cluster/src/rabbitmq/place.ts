import { randomUUID } from 'node:crypto'
import { lstat, mkdir, readFile, realpath, rename, rm, stat, symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** The location of a node, and the user that it runs as. */
export interface Place {
  /** The existing folder of the node, without symbolic links. */
  readonly folder: string
  /** Undefined means the user of this process. */
  readonly user: User | undefined
}

export interface User {
  readonly uid: number
  readonly gid: number
}

/** The folder for nodes whose data folder RabbitMQ's user cannot reach. */
const systemFolder = '/var/lib/sotto'

/**
 * Creates the folder `rabbitmq` in `dataFolder`. If root starts it, RabbitMQ runs as its package's
 * user `rabbitmq`; if that user cannot reach the folder, it is created under `/var/lib/sotto` and
 * replaced with a symbolic link. Without such a user, RabbitMQ runs as root.
 */
export async function makePlace(dataFolder: string): Promise<Place> {
  await mkdir(dataFolder, { recursive: true })
  const wanted = join(await realpath(dataFolder), 'rabbitmq')
  const user = process.getuid?.() === 0 ? await findUser('rabbitmq') : undefined
  await removeDangling(wanted)
  if (user !== undefined && !(await isReachable(dirname(wanted), user.uid))) {
    await moveWithinReach(wanted)
  }
  await mkdir(wanted, { recursive: true, mode: 0o755 })
  return { folder: await realpath(wanted), user }
}

/** Queues never hold the only copy of anything, so a missing folder is simply recreated. */
async function removeDangling(wanted: string): Promise<void> {
  const isLink = (await lstat(wanted).catch(() => undefined))?.isSymbolicLink()
  if (isLink && !(await stat(wanted).catch(() => undefined))) await rm(wanted)
}

async function moveWithinReach(wanted: string): Promise<void> {
  const there = await lstat(wanted).catch(() => undefined)
  if (there?.isSymbolicLink()) return
  if (there) await rename(wanted, `${wanted}.before-${Date.now()}`)
  const target = join(systemFolder, randomUUID(), 'rabbitmq')
  await mkdir(target, { recursive: true, mode: 0o755 })
  await symlink(target, wanted)
}

async function findUser(name: string): Promise<User | undefined> {
  const lines = (await readFile('/etc/passwd', 'utf8').catch(() => '')).split('\n')
  const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
  return uid === undefined ? undefined : { uid: Number(uid), gid: Number(gid) }
}

/** Whether `uid` may enter `folder` and every folder above it. Ignores groups. */
async function isReachable(folder: string, uid: number): Promise<boolean> {
  const { mode, uid: owner } = await stat(folder)
  const enter = owner === uid ? 0o100 : 0o001
  if ((mode & enter) === 0) return false
  return folder === dirname(folder) || isReachable(dirname(folder), uid)
}
