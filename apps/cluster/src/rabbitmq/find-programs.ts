import { access, constants, realpath } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'

/** The programs of an installed RabbitMQ and its Erlang. */
export interface RabbitmqPrograms {
  /**
   * The server script itself: Debian's `/usr/sbin/rabbitmq-server` is a wrapper for its service.
   */
  readonly server: string
  readonly ctl: string
  /** Erlang's port mapper. */
  readonly epmd: string
  /** Changes the user and ends a child with its parent; not available on every system. */
  readonly setpriv: string | undefined
}

const DEBIAN = '/usr/lib/rabbitmq/bin'

/** Finds the programs in Debian's folder or on the PATH; undefined if RabbitMQ is not installed. */
export async function findRabbitmq(): Promise<RabbitmqPrograms | undefined> {
  const server = await findProgram('rabbitmq-server', [DEBIAN, ...searchPath()])
  const epmd = await findProgram('epmd', searchPath())
  if (server === undefined || epmd === undefined) return undefined
  return {
    server,
    ctl: join(dirname(server), 'rabbitmqctl'),
    epmd,
    setpriv: await findProgram('setpriv', searchPath()),
  }
}

function searchPath(): string[] {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/bin'].filter(Boolean)
}

async function findProgram(name: string, folders: string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const program = join(folder, name)
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    )
    // The scripts look for each other in their own folder, not beside a link to them.
    if (isThere) return realpath(program)
  }
  return undefined
}
