import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { ownCertificate } from '../../apps/cluster/src/nginx/certificate.ts'
import { findProgram } from '../../apps/cluster/src/parts/run-program.ts'
import { eventually } from '../network/eventually.ts'
import { freePort } from '../programs/free-port.ts'

/** The domain in the configurations. */
export const domain = 'chat.example.org'
const secretWords = 'THE_SECRET'

/** The differences between this machine and the one that a configuration is for. */
interface Place {
  readonly folder: string
  readonly http: number
  readonly https: number
  /** `host:port` of Sotto. */
  readonly backend: string
  readonly certificate: string
  readonly certificateKey: string
}

interface Kind {
  readonly file: string
  /** Adapts the configuration to this machine. */
  readonly adapt: (text: string, place: Place) => string
  readonly command: (configFile: string) => readonly [program: string, ...args: string[]]
}

export const kinds = {
  caddy: {
    file: 'Caddyfile',
    adapt: (text, { folder, http, https, certificate, certificateKey }) => {
      const options = `{\n\tadmin off\n\thttp_port ${http}\n\thttps_port ${https}\n\tstorage file_system ${folder}\n}\n`
      const tls = `\ttls ${certificate} ${certificateKey}\n`
      return `${options}${replaceOnce(text, `\n${domain} {\n`, `\n${domain} {\n${tls}`)}`
    },
    command: (file) => ['caddy', 'run', '--config', file, '--adapter', 'caddyfile'],
  },
  haproxy: {
    file: 'haproxy.cfg',
    adapt: (text, { http, https, folder }) => {
      const plain = replaceOnce(text, 'bind :80\n', `bind 127.0.0.1:${http}\n`)
      const tls = replaceOnce(plain, 'bind :443 ssl', `bind 127.0.0.1:${https} ssl`)
      return replaceOnce(tls, `ssl crt /etc/haproxy/${domain}.pem`, `ssl crt ${folder}/both.pem`)
    },
    command: (file) => ['haproxy', '-f', file],
  },
  nginx: {
    file: 'nginx.conf',
    adapt: (text, { folder, http, https, certificate, certificateKey }) => {
      const letsEncrypt = `/etc/letsencrypt/live/${domain}`
      const plain = replaceOnce(text, 'listen 80;', `listen 127.0.0.1:${http};`)
      const tls = replaceOnce(plain, 'listen 443 ssl', `listen 127.0.0.1:${https} ssl`)
      const chain = replaceOnce(tls, `${letsEncrypt}/fullchain.pem`, certificate)
      const key = replaceOnce(chain, `${letsEncrypt}/privkey.pem`, certificateKey)
      const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      const temporary = folders.map((kind) => `${kind}_temp_path ${folder}/${kind};`).join(' ')
      const user = process.getuid?.() === 0 ? 'user root;' : ''
      return `${user} daemon off; pid ${folder}/pid; events {} http { access_log off; error_log stderr warn; ${temporary}\n${key}\n}`
    },
    command: (file) => ['nginx', '-c', file, '-e', 'stderr'],
  },
} satisfies Record<string, Kind>

export type ProxyName = keyof typeof kinds

/** Tests use the published configuration, so every replaced text must occur exactly once. */
function replaceOnce(text: string, from: string, to: string): string {
  if (text.split(from).length !== 2) throw new Error(`${from} does not occur exactly once`)
  return text.replace(from, () => to)
}

/** A web server in front of Sotto, configured as in `deploy/proxies`. */
export interface RunningProxy extends AsyncDisposable {
  readonly origin: string
  readonly httpPort: number
  readonly httpsPort: number
  /** Its self-signed certificate in PEM. */
  readonly certificate: string
  /** Its output so far. */
  readonly printed: () => string
}

export interface ProxyPlace {
  readonly httpPort: number
  readonly httpsPort: number
  /** `host:port` of the server behind it. */
  readonly backend: string
  /** The secret that identifies it to Sotto, if required. */
  readonly secret?: string | undefined
}

export const newProxyPorts = async () => ({
  httpPort: await freePort(),
  httpsPort: await freePort(),
})

/** The configuration as operators get it. */
export const publishedFile = (name: ProxyName) =>
  new URL(`../../deploy/proxies/${kinds[name].file}`, import.meta.url)

/** Runs a web server with its configuration; resolves when it accepts TLS. */
export async function startProxy(name: ProxyName, place: ProxyPlace): Promise<RunningProxy> {
  const kind: Kind = kinds[name]
  const folder = await mkdtemp(join(tmpdir(), 'sotto-proxy-'))
  const files = await ownCertificate(folder, domain)
  const certificate = await readFile(files.certificate, 'utf8')
  const both = `${certificate}${await readFile(files.certificateKey, 'utf8')}`
  await writeFile(join(folder, 'both.pem'), both, { mode: 0o600 })

  const { httpPort: http, httpsPort: https, backend, secret } = place
  const text = await readFile(publishedFile(name), 'utf8')
  const adapted = kind.adapt(replaceOnce(text, '127.0.0.1:8080', backend), {
    folder,
    http,
    https,
    backend,
    ...files,
  })
  const configFile = join(folder, kind.file)
  await writeFile(configFile, secret === undefined ? adapted : withSecret(adapted, secret))
  const [program, ...args] = kind.command(configFile)
  const path = await findProgram(program)
  if (path === undefined) throw new Error(`${program} is not installed`)
  const env = { ...process.env, HOME: folder, XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder }
  const child = spawn(path, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (line: string) => {
    said += line
  })
  await eventually(`${name} to serve`, () => {
    if (child.exitCode !== null) throw new Error(`${name} does not start:\n${said}`)
    return speaksTls(https)
  })
  return {
    origin: `https://${domain}:${https}`,
    httpPort: http,
    httpsPort: https,
    certificate,
    printed: () => said,
    async [Symbol.asyncDispose]() {
      await end(child)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Like an operator who uncomments the line. */
const withSecret = (text: string, secret: string) =>
  text.replace(new RegExp(`# (.*)${secretWords}`), (_, line: string) => `${line}${secret}`)

async function speaksTls(port: number): Promise<boolean> {
  const socket = connect({ port, host: '127.0.0.1', servername: domain, rejectUnauthorized: false })
  try {
    await once(socket, 'secureConnect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  await ended
}
