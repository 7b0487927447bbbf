import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

// Debian asks this program before it starts the service of a package, and takes 101 as a no.
const policy = '/usr/sbin/policy-rc.d'

/** Whether packages may be installed here: Debian, as root. */
export const canInstall = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

/**
 * Installs packages of Debian. Services that they bring are neither started nor started at the next
 * boot: Sotto runs programs of its own, on ports of its own.
 */
export function aptGet(packages, services = []) {
  console.log(`Installing ${packages.join(', ')} …`)
  const isOurs = !existsSync(policy)
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    run('apt-get', 'update', '-qq')
    run('apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...packages)
  } finally {
    if (isOurs) rmSync(policy, { force: true })
  }
  // Where systemd does not run, as in most containers, nothing is started at a boot.
  if (services.length > 0) spawnSync('systemctl', ['disable', ...services])
}

function run(program, ...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  if (status !== 0) console.error(stderr.trim())
}
