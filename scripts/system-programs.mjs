import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { aptGet, canInstall } from './apt-get.mjs'

const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/bin']
const isOnPath = (program) => folders.some((folder) => existsSync(`${folder}/${program}`))

/** Programs that npm does not provide, with their Debian packages and the services in those. */
const programs = {
  chromium: {
    packages: ['chromium-headless-shell', 'fonts-dejavu-core'],
    isThere: () => existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell'),
    otherwise:
      'Chromium as /usr/bin/chromium-headless-shell, or the variable CHROMIUM with the path of one',
  },
  firefox: {
    packages: ['firefox-esr'],
    isThere: () => existsSync(process.env.FIREFOX ?? '/usr/bin/firefox-esr'),
    otherwise: 'Firefox as /usr/bin/firefox-esr, or the variable FIREFOX with its path',
  },
  openssl: {
    packages: ['openssl'],
    isThere: () => spawnSync('openssl', ['version']).status === 0,
    otherwise: 'the program openssl, version 3',
  },
  'ssh-keygen': {
    packages: ['openssh-client'],
    isThere: () => isOnPath('ssh-keygen'),
    otherwise: 'the program ssh-keygen, of OpenSSH',
  },
  nginx: {
    packages: ['nginx-light', 'libnginx-mod-http-brotli-static'],
    services: ['nginx'],
    isThere: () => isOnPath('nginx'),
    otherwise: 'NGINX 1.22 or later, on the PATH',
  },
  rabbitmq: {
    packages: ['rabbitmq-server'],
    services: ['rabbitmq-server', 'epmd.socket'],
    isThere: () => isOnPath('rabbitmq-server'),
    otherwise: 'RabbitMQ 3.10 or later, on the PATH',
  },
  pebble: {
    packages: ['pebble'],
    isThere: () => isOnPath('pebble') && isOnPath('pebble-challtestsrv'),
    otherwise: 'pebble and pebble-challtestsrv 2.4 or later, a certificate authority for tests',
  },
  caddy: {
    packages: ['caddy'],
    services: ['caddy'],
    isThere: () => isOnPath('caddy'),
    otherwise: 'Caddy 2.6 or later, on the PATH',
  },
  haproxy: {
    packages: ['haproxy'],
    services: ['haproxy'],
    isThere: () => isOnPath('haproxy'),
    otherwise: 'HAProxy 2.6 or later, on the PATH',
  },
  ps: {
    packages: ['procps'],
    isThere: () => isOnPath('ps'),
    otherwise: 'the program ps, which lists processes',
  },
  faketime: {
    packages: ['faketime'],
    isThere: () => isOnPath('faketime'),
    otherwise: 'faketime, which gives a process a different clock',
  },
  nft: {
    packages: ['nftables'],
    isThere: () => isOnPath('nft'),
    otherwise: 'the program nft, with which a test drops packets of its own network',
  },
  psql: {
    packages: ['postgresql-client'],
    isThere: () => isOnPath('psql'),
    otherwise: 'the program psql, which the image of PostgreSQL contains',
  },
  ss: {
    packages: ['iproute2'],
    isThere: () => isOnPath('ss'),
    otherwise: 'the program ss, which lists listeners',
  },
}

/** All programs that the tests run. */
export const testPrograms = Object.keys(programs)

/** Installs the missing ones of `names` if possible, otherwise prints what to install. */
export function findMissingPrograms(names) {
  const missing = names.map((name) => programs[name]).filter(({ isThere }) => !isThere())
  if (missing.length === 0) return true
  if (canInstall()) {
    const services = missing.flatMap(({ services = [] }) => services)
    aptGet(
      missing.flatMap(({ packages }) => packages),
      services,
    )
  }
  const still = missing.filter(({ isThere }) => !isThere())
  for (const { otherwise, packages } of still) {
    console.error(`Needed: ${otherwise}. On Debian: apt-get install ${packages.join(' ')}`)
  }
  return still.length === 0
}
