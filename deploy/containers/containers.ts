import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { z } from 'zod'
import { eventually } from '../../tests/network/eventually.ts'
import { run } from './run-command.ts'

/** The parts of the output of `docker inspect` that the trial uses. */
const Inspected = z.object({
  Id: z.string(),
  RestartCount: z.number(),
  Config: z.object({ Labels: z.record(z.string(), z.string()) }),
  State: z.object({
    Status: z.string(),
    Pid: z.number(),
    ExitCode: z.number(),
    StartedAt: z.string(),
    Health: z.object({ Status: z.string() }).optional(),
  }),
})

export type Container = z.infer<typeof Inspected>

/** The containers of the project that keep running. */
export const partNames = [
  'postgres',
  'rabbitmq',
  'auth',
  'chat-1',
  'chat-2',
  'websocket-1',
  'websocket-2',
  'gateway',
] as const
export type PartName = (typeof partNames)[number]

const label = 'com.docker.compose'
const ofProject = (project: string) => ['--filter', `label=${label}.project=${project}`]

/** Docker checks every few seconds, and on a busy machine a container may take minutes to start. */
const lookEveryMs = 1_000
const patienceMs = 600_000

/** Polls `read` at a sensible interval until its value is neither undefined nor false. */
export async function eventuallyShown<T>(
  what: string,
  read: () => Promise<T | undefined | false>,
): Promise<T> {
  const look = async () => {
    const value = await read()
    if (value === undefined || value === false) await sleep(lookEveryMs)
    return value
  }
  return eventually(what, look, patienceMs)
}

/** All containers of a project, by service name. */
export async function containersOf(project: string): Promise<Map<string, Container>> {
  const ids = (await run(['docker', 'ps', '-aq', ...ofProject(project)])).split('\n')
  const found = ids.filter((id) => id !== '')
  if (found.length === 0) return new Map()
  const list = z.array(Inspected).parse(JSON.parse(await run(['docker', 'inspect', ...found])))
  return new Map(list.map((one) => [one.Config.Labels[`${label}.service`] ?? one.Id, one]))
}

export async function partOf(project: string, name: string): Promise<Container> {
  const found = (await containersOf(project)).get(name)
  if (found === undefined) throw new Error(`There is no container of ${name}`)
  return found
}

export const isHealthy = ({ State }: Container) =>
  State.Status === 'running' && State.Health?.Status === 'healthy'

/** Waits until every part is healthy and the one-time parts have exited; returns all. */
export async function untilHealthy(project: string): Promise<Map<string, Container>> {
  return eventuallyShown('every container to be healthy', async () => {
    const all = await containersOf(project)
    const parts = partNames.map((name) => all.get(name))
    const migrations = all.get('migrations')?.State
    const isDone = migrations?.Status === 'exited' && migrations.ExitCode === 0
    return isDone && parts.every((part) => part && isHealthy(part)) && all
  })
}

/** The status column of `docker ps` by service name. */
export async function shownByDocker(project: string): Promise<Map<string, string>> {
  const format = `{{.Label "${label}.service"}}\t{{.Status}}`
  const lines = (await run(['docker', 'ps', ...ofProject(project), '--format', format])).split('\n')
  return new Map(lines.filter(Boolean).map((line) => line.split('\t') as [string, string]))
}

/**
 * Kills the program of a container like a crash. `docker kill` is unsuitable: Docker treats it as
 * intended and restarts nothing.
 */
export async function crash({ Id, State }: Container): Promise<void> {
  const groups = await readFile(`/proc/${State.Pid}/cgroup`, 'utf8')
  if (!groups.includes(Id)) throw new Error('The processes of this engine are not on this machine')
  process.kill(State.Pid, 'SIGKILL')
}

/** Prints the state of unhealthy containers, and the end of their logs. */
export async function printComplaints(project: string): Promise<void> {
  for (const [name, container] of await containersOf(project)) {
    const { Status, ExitCode } = container.State
    const isWell = isHealthy(container) || (Status === 'exited' && ExitCode === 0)
    if (isWell || Status === 'created') continue
    const logs = await run(['sh', '-c', 'docker logs --tail 20 "$0" 2>&1', container.Id])
    console.log(`${name}, ${Status}:\n${logs}`)
  }
}
