import assert from 'node:assert/strict'
import {
  containersOf,
  crash,
  eventuallyShown,
  isHealthy,
  type PartName,
  partNames,
  partOf,
  shownByDocker,
  untilHealthy,
} from './containers.ts'
import { run } from './run-command.ts'
import { check, compose, readHealth, type Trial } from './trial.ts'

/** The parts whose /health reports that the database is down. */
const needDatabase: readonly PartName[] = ['auth', 'chat-1', 'chat-2']

/**
 * Checks what an operator sees while PostgreSQL is down, and that nothing else is restarted
 * afterwards.
 */
export async function stopDatabase({ origin, installation, people }: Trial): Promise<void> {
  const { project } = installation
  const before = await containersOf(project)
  await installation.compose('stop', 'postgres')
  await people.write('without a database', 3)
  await eventuallyShown('docker ps to show it', async () => {
    const shown = await shownByDocker(project)
    return needDatabase.every((name) => shown.get(name)?.includes('(unhealthy)'))
  })
  const shown = await shownByDocker(project)
  for (const name of ['websocket-1', 'websocket-2', 'rabbitmq']) {
    assert.match(shown.get(name) ?? '', /\(healthy\)/, name)
  }
  const { status, health } = await readHealth(origin)
  assert.equal(status, 503)
  for (const part of ['auth', 'chat'])
    assert.match(health.parts[part]?.detail ?? '', /database/, part)
  assert.deepEqual(health.parts.websocket, { status: 'ok' })
  assert.equal(people.isAccepted, false)

  await installation.compose('start', 'postgres')
  await untilHealthy(project)
  for (const [name, { State }] of await containersOf(project)) {
    if (name === 'postgres') continue
    assert.equal(State.StartedAt, before.get(name)?.State.StartedAt, `${name} was restarted`)
  }
}

/**
 * Kills the program of each container without warning, one after the other, while people exchange
 * messages.
 */
export async function crashEach({ installation, people }: Trial): Promise<void> {
  const { project } = installation
  let isOver = false
  const talk = people.writeUntil('while containers crash', () => isOver)
  try {
    for (const name of partNames) {
      await check(`${name} crashes: Docker starts it again, and it is healthy`, async () => {
        const before = await partOf(project, name)
        await crash(before)
        await eventuallyShown(`${name} to be back`, async () => {
          const now = await partOf(project, name)
          return now.State.StartedAt !== before.State.StartedAt && isHealthy(now)
        })
        const { Id, RestartCount } = await partOf(project, name)
        assert.deepEqual(
          { Id, RestartCount },
          { Id: before.Id, RestartCount: before.RestartCount + 1 },
        )
      })
    }
  } finally {
    isOver = true
    await talk
  }
}

/**
 * Runs `docker kill` on all containers, which Docker treats as intended; a single command restores
 * everything.
 */
export async function killAll({ installation, people }: Trial): Promise<void> {
  const { project } = installation
  const before = await containersOf(project)
  const ids = partNames.map((name) => before.get(name)?.Id ?? '')
  await people.write('before docker kill', 5)
  await run(['docker', 'kill', ...ids])
  await people.write('after docker kill', 5)
  for (const name of partNames)
    assert.equal((await partOf(project, name)).State.Status, 'exited', name)
  await installation.type(`${compose} start`)
  const after = await untilHealthy(project)
  for (const name of partNames) assert.equal(after.get(name)?.Id, before.get(name)?.Id, name)
}
