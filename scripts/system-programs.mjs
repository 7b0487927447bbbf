import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Programs that the tests call and npm does not bring, with Debian's packages for them. */
const needed = [
  {
    program: 'chromium',
    packages: ['chromium', 'fonts-dejavu-core'],
    isThere: () => existsSync(process.env.CHROMIUM ?? '/usr/bin/chromium'),
    otherwise: 'Chromium as /usr/bin/chromium, or the variable CHROMIUM with its path',
  },
  {
    program: 'openssl',
    packages: ['openssl'],
    isThere: () => spawnSync('openssl', ['version']).status === 0,
    otherwise: 'the program openssl, version 3',
  },
]

/** Installs what is missing where we may, and says what to install where we may not. */
export function findMissingPrograms() {
  const missing = needed.filter(({ isThere }) => !isThere())
  if (missing.length === 0) return true
  if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    aptGet(missing.flatMap(({ packages }) => packages))
  }
  const still = missing.filter(({ isThere }) => !isThere())
  for (const { otherwise, packages } of still) {
    console.error(`Needed: ${otherwise}. On Debian: apt-get install ${packages.join(' ')}`)
  }
  return still.length === 0
}

function aptGet(packages) {
  console.log(`Installing ${packages.join(', ')} …`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const calls = [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', ...packages],
  ]
  for (const call of calls) {
    const { status, stderr } = spawnSync('apt-get', call, { env, encoding: 'utf8' })
    if (status !== 0) console.error(stderr.trim())
  }
}
