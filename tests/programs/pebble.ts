import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { ownCertificate } from '../../apps/cluster/src/nginx/certificate.ts'
import { eventually } from '../network/eventually.ts'
import { freePort } from './free-port.ts'

export interface PebbleOptions {
  /** The port of this machine that it checks instead of port 80. */
  readonly httpPort: number
  /** How long its certificates are valid; five years by default. */
  readonly validitySeconds?: number
  /** Names for which it issues no certificates. */
  readonly blocked?: readonly string[]
  /** The address to which every name resolves; none if empty. */
  readonly address?: string
}

/**
 * Let's Encrypt's small authority for tests: a real ACME server, and a DNS in which every name is
 * this machine.
 */
export interface Pebble extends AsyncDisposable {
  readonly directory: string
  /** The path of its own certificate, PEM. */
  readonly ownCertificate: string
  /** PEM of the root of the certificates that it issues. */
  root(): Promise<string>
  /** PEM of the intermediate certificate, which servers send along with theirs. */
  intermediate(): Promise<string>
  /** Its log. */
  logs(): string
  /** From now on, it no longer answers. */
  stop(): Promise<void>
}

export async function startPebble(options: PebbleOptions): Promise<Pebble> {
  const folder = await mkdtemp(join(tmpdir(), 'sotto-pebble-'))
  const { certificate, certificateKey } = await ownCertificate(folder, 'localhost')
  const [port, managementPort] = [await freePort(), await freePort()]
  const [dnsPort, dnsManagementPort] = [await freePort(), await freePort()]
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${managementPort}`,
    certificate,
    privateKey: certificateKey,
    httpPort: options.httpPort,
    tlsPort: 1,
    ...(options.blocked && { domainBlocklist: options.blocked }),
    ...(options.validitySeconds && { certificateValidityPeriod: options.validitySeconds }),
  }
  await writeFile(join(folder, 'pebble.json'), JSON.stringify({ pebble: config }))
  const logs: string[] = []
  const run = (program: string, ...args: string[]) => {
    // Otherwise, every validation of a domain is delayed by some seconds.
    const env = { ...process.env, PEBBLE_VA_NOSLEEP: '1' }
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (line: string) => logs.push(line))
    }
    return child
  }
  const programs = [
    run(
      'pebble-challtestsrv',
      ...['-http01', '', '-https01', '', '-tlsalpn01', '', '-defaultIPv6', ''],
      ...['-defaultIPv4', options.address ?? '127.0.0.1', '-dns01', `127.0.0.1:${dnsPort}`],
      ...['-management', `127.0.0.1:${dnsManagementPort}`],
    ),
    run('pebble', '-config', join(folder, 'pebble.json'), '-dnsserver', `127.0.0.1:${dnsPort}`),
  ]
  const ca = await readFile(certificate, 'utf8')
  const directory = `https://127.0.0.1:${port}/dir`
  await eventually('Pebble to answer', () => get(directory, ca).catch(() => undefined))
  const made = (what: string) => get(`https://127.0.0.1:${managementPort}/${what}/0`, ca)
  const stop = async () => void (await Promise.all(programs.map(end)))
  return {
    directory,
    ownCertificate: certificate,
    root: () => made('roots'),
    intermediate: () => made('intermediates'),
    logs: () => logs.join(''),
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function get(url: string, ca: string): Promise<string> {
  const outgoing = request(url, { ca, agent: false }).end()
  const [incoming] = await once(outgoing, 'response')
  return text(incoming)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill()
  await ended
}
