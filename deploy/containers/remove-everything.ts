import { rm } from 'node:fs/promises'
import { removeAttempts } from './cache-folder.ts'
import { run, whatever } from './run-command.ts'

const kinds = [
  { list: ['ps', '-aq'], remove: ['rm', '-f', '-v'] },
  { list: ['network', 'ls', '-q'], remove: ['network', 'rm'] },
  { list: ['volume', 'ls', '-q'], remove: ['volume', 'rm', '-f'] },
] as const

/** Removes the containers, networks and volumes of these Compose projects, and of no other. */
async function removeProjects(projects: readonly string[]): Promise<void> {
  for (const project of projects) {
    for (const { list, remove } of kinds) {
      const filter = ['--filter', `label=com.docker.compose.project=${project}`]
      const found = (await whatever(['docker', ...list, ...filter])).split('\n').filter(Boolean)
      if (found.length > 0) await whatever(['docker', ...remove, ...found])
    }
  }
}

/**
 * Removes the images whose names begin with `prefix/`. If an image has another name as well, that
 * one remains.
 */
async function removeImages(prefix: string): Promise<void> {
  const list = ['docker', 'images', '--filter', `reference=${prefix}/*`]
  const names = await whatever([...list, '--format', '{{.Repository}}:{{.Tag}}'])
  const found = names.split('\n').filter(Boolean)
  if (found.length > 0) await whatever(['docker', 'rmi', '-f', ...found])
}

/** Removes everything that a trial creates, except its cache. */
export async function removeEverything(made: {
  readonly folder: string
  readonly projects: readonly string[]
  readonly imagePrefix: string
}): Promise<void> {
  await removeProjects(made.projects)
  // A command that was just ending may have created more.
  await removeProjects(made.projects)
  await removeImages(made.imagePrefix)
  await rm(made.folder, { recursive: true, force: true })
  await removeAttempts()
}

/** Throws if a Sotto with containers runs here, because its network uses the same addresses. */
export async function requireFreeNetwork(subnet: string): Promise<void> {
  const ids = (await run(['docker', 'network', 'ls', '-q'])).split('\n').filter(Boolean)
  const format = '{{.Name}} {{range .IPAM.Config}}{{.Subnet}} {{end}}'
  const networks = await run(['docker', 'network', 'inspect', '--format', format, ...ids])
  const taken = networks.split('\n').find((line) => line.split(' ').includes(subnet))
  if (taken === undefined) return
  const [name = ''] = taken.split(' ')
  throw new Error(
    `The network ${name} uses the addresses of deploy/compose.yaml, ${subnet}, so a Sotto runs here. Use another machine, or first run docker compose -p ${name.replace(/_inside$/, '')} down.`,
  )
}
