import { spawnSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'

// Debian runs this program before it starts a package's service; exit status 101 prevents the
// start.
const policy = '/usr/sbin/policy-rc.d'

/** Whether packages can be installed here: on Debian, as root. */
export const canInstall = () => process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')

/**
 * Installs Debian packages. Their services are neither started now nor at boot, because Sotto runs
 * its own programs on its own ports.
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
  // Without systemd, as in most containers, nothing is started at boot.
  if (services.length > 0) spawnSync('systemctl', ['disable', ...services])
}

function run(program, ...args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr } = spawnSync(program, args, { env, encoding: 'utf8' })
  if (status !== 0) console.error(stderr.trim())
}
