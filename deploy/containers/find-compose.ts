import { createHash } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { complaintAboutCompose } from '../compose-version.ts'
import { kept } from './cache-folder.ts'
import { freshShell, run, works } from './run-command.ts'

/** Debian 13's package of Compose, for machines without it; it also runs on Debian 12. */
const composePackage = {
  url: 'http://deb.debian.org/debian/pool/main/d/docker-compose',
  version: '2.26.1-4',
  // From Debian's signed index.
  sha256: {
    amd64: '47681197cb2b1ab88206b42a1a92fc75f50d9530a6322d03494a473eed0408ea',
    arm64: 'bbafaa666f3e7fa00ad36f2a8bab889f1c791ca8743d674e7267a3d07203869c',
  },
} as const

/**
 * Makes sure that `docker compose` is version 2 or later: the machine's own, or Debian's, which
 * only this trial then uses as a plugin. Throws with what to install.
 */
export async function findCompose(): Promise<string> {
  const complaint = await complaintAboutCompose(freshShell)
  if (complaint !== undefined) freshShell.DOCKER_CONFIG = await fetchCompose(complaint)
  return (await run(['docker', 'compose', 'version', '--short'])).trim()
}

/** A Docker configuration folder that contains the plugin. */
async function fetchCompose(complaint: string): Promise<string> {
  const architecture = (await run(['dpkg', '--print-architecture']).catch(() => '')).trim()
  if (architecture !== 'amd64' && architecture !== 'arm64') {
    throw new Error(
      `${complaint}\nInstall Docker's package docker-compose-plugin, or docker-compose from Debian 13 or later.`,
    )
  }
  const { url, version, sha256 } = composePackage
  const file = `docker-compose_${version}_${architecture}.deb`
  return kept('docker-settings', { file, sha256 }, async (folder) => {
    console.log(`${complaint} Fetching Debian's ${file} …`)
    const answer = await fetch(`${url}/${file}`)
    if (!answer.ok) throw new Error(`${url}/${file} answers ${answer.status}`)
    const bytes = new Uint8Array(await answer.arrayBuffer())
    const found = createHash('sha256').update(bytes).digest('hex')
    if (found !== sha256[architecture]) throw new Error(`${file} does not have the expected hash`)
    const unpacked = join(folder, 'unpacked')
    await mkdir(unpacked, { recursive: true })
    await writeFile(join(folder, file), bytes)
    await run(['dpkg', '-x', join(folder, file), unpacked])
    await mkdir(join(folder, 'cli-plugins'))
    const plugin = 'docker-compose'
    await rename(
      join(unpacked, 'usr/libexec/docker/cli-plugins', plugin),
      join(folder, 'cli-plugins', plugin),
    )
    await rm(unpacked, { recursive: true })
    await rm(join(folder, file))
  })
}

/** Throws, naming what is missing, unless this machine's Docker engine answers and we are root. */
export async function requireEngine(): Promise<void> {
  if (process.getuid?.() !== 0) throw new Error('npm run test:containers needs root.')
  if (
    process.platform !== 'linux' ||
    !(await works('docker', 'info', '--format', '{{.ServerVersion}}'))
  ) {
    throw new Error(
      'No Docker engine answers on this Linux machine. On Debian: apt-get install docker.io',
    )
  }
}
