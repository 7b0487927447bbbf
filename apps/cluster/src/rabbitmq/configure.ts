import { createHash, randomBytes } from 'node:crypto'
import { chown, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from './place.ts'

/** The only virtual host and the only user; not even `guest` exists. */
export const VHOST = 'sotto'
export const USER = 'sotto'

/** The ports of a node, all on the loopback interface. */
export interface Ports {
  readonly amqp: number
  /** The port of its own epmd, so that it meets no other node on this machine. */
  readonly epmd: number
  /** The port through which `rabbitmqctl` talks to the node. */
  readonly distribution: number
}

/** Writes all files that a node reads at its start. Returns the password of the user `sotto`. */
export async function configure(place: Place, ports: Ports): Promise<string> {
  const { folder, user } = place
  const give = async (path: string) => {
    if (user) await chown(path, user.uid, user.gid)
  }
  const write = async (name: string, text: string, mode = 0o600) => {
    await writeFile(join(folder, name), text, { mode })
    await give(join(folder, name))
  }
  await give(folder)
  for (const name of ['database', 'log']) {
    await mkdir(join(folder, name), { recursive: true, mode: 0o700 })
    await give(join(folder, name))
  }

  const password = await secret(join(folder, 'password'))
  // Erlang accepts only a cookie that its owner alone can read.
  await secret(join(folder, '.erlang.cookie'), 0o400)
  await give(join(folder, '.erlang.cookie'))
  await write('rabbitmq.conf', configuration(folder, ports))
  await write('definitions.json', JSON.stringify(definitions(password), undefined, 2))
  await write('enabled_plugins', '[].\n')
  return password
}

/** Reads the secret in a file, and generates it the first time. */
async function secret(file: string, mode = 0o600): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => '')
  if (known.length >= 32) return known
  const fresh = randomBytes(24).toString('hex')
  await writeFile(file, fresh, { mode })
  return fresh
}

function configuration(folder: string, { amqp }: Ports): string {
  return `listeners.tcp.1 = 127.0.0.1:${amqp}
load_definitions = ${join(folder, 'definitions.json')}
# Publishers are held back before the machine runs out of memory or disk.
vm_memory_high_watermark.relative = 0.25
disk_free_limit.absolute = 200MB
log.file.level = info
log.connection.level = warning
log.file.rotation.size = 10485760
log.file.rotation.count = 2
`
}

/** Definitions that the node applies at every start, so that a changed password takes effect. */
function definitions(password: string) {
  return {
    vhosts: [{ name: VHOST }],
    users: [
      {
        name: USER,
        password_hash: hashPassword(password),
        hashing_algorithm: 'rabbit_password_hashing_sha256',
        tags: [],
      },
    ],
    permissions: [{ vhost: VHOST, user: USER, configure: '.*', write: '.*', read: '.*' }],
  }
}

/** RabbitMQ's format: four bytes of salt, then the SHA-256 of salt and password. */
function hashPassword(password: string): string {
  const salt = randomBytes(4)
  const hash = createHash('sha256').update(salt).update(password).digest()
  return Buffer.concat([salt, hash]).toString('base64')
}
