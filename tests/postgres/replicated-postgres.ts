import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { cp, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type EmbeddedPostgres,
  findBinaries,
  findPlace,
  spawnProgram,
  startEmbeddedPostgres,
} from '@sotto/local-postgres'
import type { Sql } from '@sotto/service-runtime'
import { eventually } from '../network/eventually.ts'
import { asAdmin } from './as-admin.ts'
import { TcpSwitch } from './tcp-switch.ts'

const DATABASE = 'sotto'

/** A cluster with an empty database, initialized once and copied for each test. */
export async function createClusterTemplate() {
  const dataFolder = newFolder()
  const postgres = await startEmbeddedPostgres({ dataFolder })
  await asAdmin(postgres.url, (admin) => admin`create database ${admin(DATABASE)}`)
  await postgres.stop()
  return { dataFolder, remove: () => rm(dataFolder, { recursive: true, force: true }) }
}

/** A primary and its standby, by streaming replication, behind one address for clients. */
export class ReplicatedPostgres implements AsyncDisposable {
  /** For clients: leads to the primary, and after `failOver` to the promoted standby. */
  readonly url: string
  readonly #folder: string
  readonly #clients: TcpSwitch
  readonly #replication: TcpSwitch
  readonly #standby: ChildProcess
  readonly #standbyUrl: string
  #primary: EmbeddedPostgres

  private constructor(parts: {
    folder: string
    primary: EmbeddedPostgres
    standby: { process: ChildProcess; url: string }
    clients: TcpSwitch
    replication: TcpSwitch
  }) {
    this.#folder = parts.folder
    this.#primary = parts.primary
    this.#standby = parts.standby.process
    this.#standbyUrl = parts.standby.url
    this.#clients = parts.clients
    this.#replication = parts.replication
    this.url = withPort(parts.primary.url, parts.clients.port)
  }

  static async start(template: { dataFolder: string }): Promise<ReplicatedPostgres> {
    const folder = newFolder()
    const [primaryFolder, standbyFolder] = [join(folder, 'primary'), join(folder, 'standby')]
    await mkdir(folder)
    for (const copy of [primaryFolder, standbyFolder]) {
      await cp(template.dataFolder, copy, { recursive: true, verbatimSymlinks: true })
    }
    const primary = await startEmbeddedPostgres({ dataFolder: primaryFolder })
    const clients = await TcpSwitch.to(primary.port)
    const replication = await TcpSwitch.to(primary.port)
    const standby = await startStandby(standbyFolder, withPort(primary.url, replication.port))
    return new ReplicatedPostgres({ folder, primary, standby, clients, replication })
  }

  /** Waits until the standby is connected, then makes every commit wait for it. */
  async synchronize(): Promise<void> {
    await this.#onPrimary(async (admin) => {
      await admin`alter system set synchronous_standby_names = '*'`
      await admin`select pg_reload_conf()`
      await eventually('a synchronous standby', async () => {
        const rows = await admin`select 1 from pg_stat_replication where sync_state = 'sync'`
        return rows.length === 1
      })
    })
  }

  /** Waits until the standby has everything, then disconnects it: later commits do not reach it. */
  async cutReplication(): Promise<void> {
    await this.#onPrimary(async (admin) => {
      const [mark] = await admin<{ lsn: string }[]>`select pg_current_wal_lsn() as lsn`
      await eventually('a standby that has caught up', async () => {
        const rows = await admin`
          select 1 from pg_stat_replication where replay_lsn >= ${mark?.lsn ?? ''}::pg_lsn`
        return rows.length === 1
      })
    })
    this.#replication.turnTo(undefined)
  }

  /** Kills the primary, redirects clients to the standby, and promotes it a moment later. */
  async failOver(): Promise<void> {
    process.kill(this.#primary.pid, 'SIGKILL')
    await this.#primary.ended
    this.#clients.turnTo(Number(new URL(this.#standbyUrl).port))
    // Clients meet a read-only server, as they do if an address moves first.
    await sleep(500)
    await asAdmin(this.#standbyUrl, (admin) => admin`select pg_promote()`)
  }

  /** Stops the primary and starts it again on the same data. */
  async restartPrimary(): Promise<void> {
    const { port } = this.#primary
    await this.#primary.stop()
    this.#primary = await startEmbeddedPostgres({
      dataFolder: join(this.#folder, 'primary'),
      port,
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#clients.close()
    await this.#replication.close()
    await this.#primary.stop()
    if (this.#standby.exitCode === null && this.#standby.kill('SIGQUIT')) {
      await once(this.#standby, 'close')
    }
    await rm(this.#folder, { recursive: true, force: true })
  }

  #onPrimary(act: (admin: Sql) => Promise<unknown>): Promise<void> {
    return asAdmin(this.#primary.url, act)
  }
}

async function startStandby(dataFolder: string, primaryUrl: string) {
  const place = await findPlace(dataFolder, await findBinaries())
  const { username, password, port: primaryPort } = new URL(primaryUrl)
  const source = `host=127.0.0.1 port=${primaryPort} user=${username} password=${password}`
  await writeFile(join(place.cluster, 'standby.signal'), '')
  if (place.user) spawn('chown', [String(place.user.uid), join(place.cluster, 'standby.signal')])
  const port = await freePort()
  const settings = [
    'listen_addresses=127.0.0.1',
    `port=${port}`,
    'unix_socket_directories=',
    `primary_conninfo=${source}`,
    'wal_retrieve_retry_interval=100ms',
  ]
  const log = await open(join(dataFolder, 'postgres.log'), 'a', 0o600)
  const args = ['-D', place.cluster, ...settings.flatMap((setting) => ['-c', setting])]
  const process = spawnProgram(place, 'postgres', args, ['ignore', log.fd, log.fd])
  await log.close()
  const url = withPort(primaryUrl, port)
  await eventually('a standby that streams', async () => {
    if (process.exitCode !== null) {
      throw new Error(await readFile(join(dataFolder, 'postgres.log'), 'utf8'))
    }
    return asAdmin(url, async (admin) => {
      const [row] = await admin`select 1 from pg_stat_wal_receiver where status = 'streaming'`
      if (!row) throw new Error('not yet')
    }).then(
      () => true,
      () => false,
    )
  })
  return { process, url }
}

/** Not `mkdtemp`: PostgreSQL may run as another user who must reach the folder. */
function newFolder(): string {
  return join(tmpdir(), `sotto-failover-${randomBytes(8).toString('hex')}`)
}

function withPort(url: string, port: number): string {
  return Object.assign(new URL(url), { port: `${port}`, pathname: `/${DATABASE}` }).href
}

async function freePort(): Promise<number> {
  const free = await TcpSwitch.to(0)
  await free.close()
  return free.port
}
