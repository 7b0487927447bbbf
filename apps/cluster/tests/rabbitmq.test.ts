import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createLogger } from '@sotto/service-runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Rabbitmq, startRabbitmq } from '../src/rabbitmq/start-rabbitmq.ts'

const log = createLogger({ name: 'test', level: 'silent' })
let dataFolder: string
let node: Rabbitmq
beforeAll(async () => {
  // Only our user may enter this folder, so RabbitMQ's user needs another place.
  dataFolder = await mkdtemp(join(tmpdir(), 'sotto-rabbitmq-'))
  node = await startRabbitmq({ dataFolder, log })
})
afterAll(async () => {
  await node.stop()
  await rm(dirname(node.folder), { recursive: true, force: true })
  await rm(dataFolder, { recursive: true, force: true })
})

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('there is one user and one virtual host, ours', async () => {
  const users = JSON.parse(await node.ctl('list_users', '--formatter', 'json'))
  const vhosts = JSON.parse(await node.ctl('list_vhosts', '--formatter', 'json'))
  expect(users).toEqual([{ user: 'sotto', tags: [] }])
  expect(vhosts).toEqual([{ name: 'sotto' }])
})

test('listens only on the loopback interface', () => {
  const lines = execFileSync('ss', ['-ltnpH'], { encoding: 'utf8' }).split('\n')
  const own = lines.filter((line) => line.includes(`pid=${node.pid},`))
  expect(own.length).toBeGreaterThanOrEqual(2)
  expect(own.every((line) => /127\.0\.0\.1:\d+ /.test(line))).toBe(true)
})

test('a durable queue survives SIGKILL and a stop; the address stays the same', async () => {
  const { url, port, pid } = node
  await node.ctl('eval', declareQueue)
  // RabbitMQ writes declarations lazily, unlike confirmed messages.
  await node.ctl('eval', 'mnesia:sync_log().')
  await node.kill()
  await node.ended
  expect(isAlive(pid)).toBe(false)

  node = await startRabbitmq({ dataFolder, port, log })
  expect(node.url).toBe(url)
  expect(await node.ctl('list_queues', '--vhost', 'sotto', 'name')).toContain('harbour')
  await node.stop()

  node = await startRabbitmq({ dataFolder, port, log })
  expect(await node.ctl('list_queues', '--vhost', 'sotto', 'name')).toContain('harbour')
})

test('processes left by a killed supervisor are ended at the next start', async () => {
  const { port, folder } = node
  await node.stop()
  // A program in the same folder, like an orphan.
  const orphan = spawn('sleep', ['300'], { cwd: folder })
  const ended = once(orphan, 'exit')
  node = await startRabbitmq({ dataFolder, port, log })

  await ended
  expect(orphan.signalCode).toBe('SIGTERM')
})

test('rejects a port in use immediately', async () => {
  const other = await mkdtemp(join(tmpdir(), 'sotto-rabbitmq-'))
  const socket = connect(node.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.destroy()
  await expect(startRabbitmq({ dataFolder: other, port: node.port, log })).rejects.toThrow(
    'EADDRINUSE',
  )
  await rm(other, { recursive: true, force: true })
})

const declareQueue = `rabbit_amqqueue:declare(
  rabbit_misc:r(<<"sotto">>, queue, <<"harbour">>), true, false, [], none, <<"test">>).`
