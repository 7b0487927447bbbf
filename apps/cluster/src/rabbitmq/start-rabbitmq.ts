import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Logger } from '@sotto/service-runtime'
import { acceptsConnections } from '../accepts-connections.ts'
import { endProcessesIn } from '../parts/end-processes.ts'
import { STARTS_WITHIN_MS } from '../parts/part.ts'
import { configure, type Ports, USER, VHOST } from './configure.ts'
import { findRabbitmq, type RabbitmqPrograms } from './find-programs.ts'
import { freePort } from './free-port.ts'
import { makePlace, type Place, type User } from './place.ts'

export interface RabbitmqOptions {
  /** The node is stored in its folder `rabbitmq`, including durable queues. */
  readonly dataFolder: string
  /** On the loopback interface; 0, the default, means a free port. */
  readonly port?: number
  readonly log: Logger
}

/** A separate RabbitMQ node. */
export interface Rabbitmq {
  /** Includes user, password and virtual host. */
  readonly url: string
  readonly port: number
  /** Its actual location: outside of the data folder if RabbitMQ's user cannot reach that. */
  readonly folder: string
  /** The process id of the Erlang virtual machine. */
  readonly pid: number
  /** Resolves when the node has exited, for whatever reason. */
  readonly ended: Promise<void>
  /** Stops the node gracefully; durable queues remain. */
  stop(): Promise<void>
  /** Kills it with SIGKILL. */
  kill(): Promise<void>
  /** Runs `rabbitmqctl` for this node and returns its output. Takes a second or two. */
  ctl(...args: string[]): Promise<string>
}

const NODE = 'sotto@localhost'
const STOP_WITHIN_MS = 15_000
// On a machine with few cores, Erlang's waiting schedulers would spin at the expense of everyone
// else.
const ERLANG_ARGS = '+sbwt none +sbwtdcpu none +sbwtdio none'
const LOOPBACK_ONLY = '-kernel inet_dist_use_interface {127,0,0,1}'

/**
 * Starts a RabbitMQ node that meets no other node on this machine, and resolves when it accepts
 * connections. First ends what a killed supervisor left running in the same folder.
 */
export async function startRabbitmq(options: RabbitmqOptions): Promise<Rabbitmq> {
  const programs = await findRabbitmq()
  if (!programs) throw new Error('RabbitMQ is not installed: apt-get install rabbitmq-server')
  const place = await makePlace(options.dataFolder)
  await endProcessesIn(place.folder)
  const ports = {
    amqp: await freePort(options.port),
    epmd: await freePort(),
    distribution: await freePort(),
  }
  const password = await configure(place, ports)
  const launch = launcher(programs, place, ports)
  const epmd = launch(programs.epmd, ['-port', `${ports.epmd}`, '-address', '127.0.0.1'])
  const node = launch(programs.server, [])
  const ended = once(node, 'exit').then(() => void epmd.kill('SIGKILL'))
  await answers(place, ports.amqp, node).catch(async (error: unknown) => {
    node.kill('SIGKILL')
    await ended
    throw error
  })
  options.log.info({ port: ports.amqp, pid: node.pid }, 'RabbitMQ is running')

  return {
    url: `amqp://${USER}:${password}@127.0.0.1:${ports.amqp}/${VHOST}`,
    port: ports.amqp,
    folder: place.folder,
    pid: node.pid ?? -1,
    ended,
    async stop() {
      node.kill('SIGTERM')
      const timer = setTimeout(() => node.kill('SIGKILL'), STOP_WITHIN_MS)
      await ended
      clearTimeout(timer)
    },
    async kill() {
      node.kill('SIGKILL')
      await ended
    },
    async ctl(...args) {
      const [program, ...all] = withUser(programs, place.user, programs.ctl, args)
      const { stdout } = await promisify(execFile)(program, all, {
        cwd: place.folder,
        env: environment(place, ports),
      })
      return stdout
    },
  }
}

function launcher(programs: RabbitmqPrograms, place: Place, ports: Ports) {
  return (program: string, args: readonly string[]): ChildProcess => {
    const [first, ...rest] = withUser(programs, place.user, program, args)
    // In a separate process group: Ctrl-C reaches only the supervisor, which stops the parts in
    // order.
    return spawn(first, rest, {
      cwd: place.folder,
      env: environment(place, ports),
      stdio: 'ignore',
      detached: true,
    })
  }
}

/** The command line that runs a program as RabbitMQ's user and ends it with its starter. */
function withUser(
  { setpriv }: RabbitmqPrograms,
  user: User | undefined,
  program: string,
  args: readonly string[],
): [string, ...string[]] {
  if (setpriv === undefined) return [program, ...args]
  const change = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--init-groups'] : []
  return [setpriv, ...change, '--pdeathsig=TERM', '--', program, ...args]
}

/** Nothing from the caller's environment, which may contain settings of another node. */
function environment({ folder }: Place, ports: Ports): NodeJS.ProcessEnv {
  return {
    PATH: `${process.env.PATH}:/usr/sbin:/usr/bin:/sbin:/bin`,
    HOME: folder,
    LANG: 'C.UTF-8',
    // Makes the script become the Erlang virtual machine, which handles SIGTERM itself, instead of
    // watching it.
    RUNNING_UNDER_SYSTEMD: 'true',
    RABBITMQ_NODENAME: NODE,
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_MNESIA_BASE: join(folder, 'database'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_PID_FILE: join(folder, 'node.pid'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_GENERATED_CONFIG_DIR: join(folder, 'generated'),
    RABBITMQ_DIST_PORT: `${ports.distribution}`,
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `${ERLANG_ARGS} ${LOOPBACK_ONLY}`,
    RABBITMQ_CTL_ERL_ARGS: LOOPBACK_ONLY,
    ERL_EPMD_PORT: `${ports.epmd}`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
  }
}

/** Resolves when the node listens, which it does after users and queues exist. */
async function answers({ folder }: Place, port: number, node: ChildProcess): Promise<void> {
  const until = performance.now() + STARTS_WITHIN_MS
  while (!(await acceptsConnections(port))) {
    const hasEnded = node.exitCode !== null || node.signalCode !== null
    if (hasEnded || performance.now() > until) {
      const log = join(folder, 'log', `${NODE}.log`)
      const text = await readFile(log, 'utf8').catch(() => '')
      const last = text.trim().split('\n').slice(-5).join('\n')
      throw new Error(`RabbitMQ did not start; the end of ${log}:\n${last}`)
    }
    await sleep(50)
  }
}
