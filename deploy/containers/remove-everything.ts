import { rm } from 'node:fs/promises'
import { removeAttempts } from './cache-folder.ts'
import { run, whatever } from './run-command.ts'

const kinds = [
  { list: ['ps', '-aq'], remove: ['rm', '-f', '-v'] },
  { list: ['network', 'ls', '-q'], remove: ['network', 'rm'] },
  { list: ['volume', 'ls', '-q'], remove: ['volume', 'rm', '-f'] },
] as const

/** Removes containers, networks and volumes of projects of Compose, and nothing of any other. */
async function removeProjects(projects: readonly string[]): Promise<void> {
  for (const project of projects) {
    for (const { list, remove } of kinds) {
      const filter = ['--filter', `label=com.docker.compose.project=${project}`]
      const found = (await whatever(['docker', ...list, ...filter])).split('\n').filter(Boolean)
      if (found.length > 0) await whatever(['docker', ...remove, ...found])
    }
  }
}

/** Removes the images whose names begin with `prefix/`. An image with another name as well stays under that. */
async function removeImages(prefix: string): Promise<void> {
  const list = ['docker', 'images', '--filter', `reference=${prefix}/*`]
  const names = await whatever([...list, '--format', '{{.Repository}}:{{.Tag}}'])
  const found = names.split('\n').filter(Boolean)
  if (found.length > 0) await whatever(['docker', 'rmi', '-f', ...found])
}

/** Everything that a trial makes but what it keeps for the next one. */
export async function removeEverything(made: {
  readonly folder: string
  readonly projects: readonly string[]
  readonly imagePrefix: string
}): Promise<void> {
  await removeProjects(made.projects)
  // What a command made that was just ending.
  await removeProjects(made.projects)
  await removeImages(made.imagePrefix)
  await rm(made.folder, { recursive: true, force: true })
  await removeAttempts()
}

/** Throws when a Sotto with containers runs here: its network has the addresses that this one needs. */
export async function requireFreeNetwork(subnet: string): Promise<void> {
  const ids = (await run(['docker', 'network', 'ls', '-q'])).split('\n').filter(Boolean)
  const format = '{{.Name}} {{range .IPAM.Config}}{{.Subnet}} {{end}}'
  const networks = await run(['docker', 'network', 'inspect', '--format', format, ...ids])
  const taken = networks.split('\n').find((line) => line.split(' ').includes(subnet))
  if (taken === undefined) return
  const [name = ''] = taken.split(' ')
  throw new Error(
    `The network ${name} has the addresses of deploy/compose.yaml, ${subnet}: a Sotto runs here. Try it on another machine, or after docker compose -p ${name.replace(/_inside$/, '')} down.`,
  )
}
