import type { Command, Job } from '@sotto/wire'
import { expect, test, vi } from 'vitest'
import { accountIn, command, eventFor, job, quiet, sessionsEnd } from '../samples.ts'

import type { AdapterUnderTest } from './adapter-under-test.ts'

/** Commands and jobs: each goes to one consumer. */
export function testWork(adapter: AdapterUnderTest) {
  test('each command goes to one of the consumers, after the call that sent it', async () => {
    const [here, there] = [await adapter.join(), await adapter.join()]
    const seen: Command[] = []
    await here.consumeCommands(async (taken) => void seen.push(taken))
    await there.consumeCommands(async (taken) => void seen.push(taken))
    const sent = Array.from({ length: 20 }, command)

    const taken = Promise.all(sent.map((each) => here.sendCommand(each)))
    expect(seen).toEqual([])
    await taken
    await expect.poll(() => seen.length).toBe(20)
    await quiet()

    const ids = (commands: Command[]) => commands.map((each) => JSON.stringify(each)).sort()
    expect(ids(seen)).toEqual(ids(sent))
  })

  test('a consumer handles no more commands at a time than the limit', async () => {
    const broker = await adapter.join({ commands: { concurrency: 2 } })
    const gates: (() => void)[] = []
    await broker.consumeCommands(() => new Promise((resolve) => gates.push(resolve)))
    await Promise.all(Array.from({ length: 5 }, () => broker.sendCommand(command())))
    await expect.poll(() => gates.length).toBe(2)
    await quiet()
    expect(gates).toHaveLength(2)

    for (let done = 0; done < 5; done += 1) {
      await expect.poll(() => gates.length).toBeGreaterThan(done)
      gates[done]?.()
    }
  })

  test('a failing command is retried, then dead-lettered and logged', async () => {
    const broker = await adapter.join({ commands: { maxTries: 3, retryDelayMs: 1 } })
    const handler = vi.fn(async () => {
      throw new Error('no database')
    })
    await broker.consumeCommands(handler)
    await broker.sendCommand(command())

    await expect.poll(adapter.logged).toContain('work dead-lettered')
    await quiet()
    expect(handler).toHaveBeenCalledTimes(3)
  })

  test('a command that fails once succeeds at the next attempt', async () => {
    const broker = await adapter.join({ commands: { retryDelayMs: 1 } })
    const done: Command[] = []
    let hasFailed = false
    await broker.consumeCommands(async (taken) => {
      if (!hasFailed) {
        hasFailed = true
        throw new Error('deadlock detected')
      }
      done.push(taken)
    })
    const sent = command()
    await broker.sendCommand(sent)

    await expect.poll(() => done).toEqual([sent])
  })

  test('senders wait while too many commands wait, and all commands are eventually handled', async () => {
    const broker = await adapter.join({ commands: { maxWaiting: 2 } })
    let taken = 0
    const count = 2 + adapter.slack + 10
    const sends: Promise<unknown>[] = []
    for (let sent = 0; sent < count; sent += 1) {
      sends.push(broker.sendCommand(command()).then(() => (taken += 1)))
      await quiet()
    }
    expect(taken).toBeLessThan(count)

    const seen: Command[] = []
    await broker.consumeCommands(async (each) => void seen.push(each))
    await Promise.all(sends)
    await expect.poll(() => seen.length).toBe(count)
  })

  test('a job goes to one consumer of its kind, again if it fails', async () => {
    const [here, there] = [await adapter.join({ jobs: { retryDelayMs: 1 } }), await adapter.join()]
    const seen: string[] = []
    const failing = vi.fn(async () => {
      throw new Error('no gateway')
    })
    const first = await here.consumeJobs('code.deliver', failing)
    const sent = job()
    await there.sendJob(sent)
    await expect.poll(() => failing.mock.calls.length).toBeGreaterThan(0)
    await first.close()

    await there.consumeJobs('code.deliver', async ({ challengeId }) => void seen.push(challengeId))
    const others = Array.from({ length: 5 }, job)
    for (const other of others) await here.sendJob(other)
    await expect.poll(() => seen.length).toBeGreaterThanOrEqual(5)
    expect(seen).toEqual(expect.arrayContaining(others.map(({ challengeId }) => challengeId)))
  })

  test('each kind of job has a separate queue and consumers, and waits for them', async () => {
    const [here, there] = [await adapter.join(), await adapter.join()]
    const seen: Job[] = []
    await here.consumeJobs('code.deliver', async (taken) => void seen.push(taken))
    const [code, end] = [job(), sessionsEnd()]
    await here.sendJob(end)
    await here.sendJob(code)
    await expect.poll(() => seen).toEqual([code])
    expect((await here.readQueues()).jobs).toBe(1)

    await there.consumeJobs('sessions.end', async (taken) => void seen.push(taken))
    await expect.poll(() => seen).toEqual([code, end])
  })

  test('waiting jobs with a higher priority are taken first', async () => {
    const broker = await adapter.join({ jobs: { concurrency: 1 } })
    const [last, middle, first] = [job(), job(), job()]
    await broker.sendJob(last)
    await broker.sendJob(first, 2)
    await broker.sendJob(middle, 1)
    const seen: string[] = []
    await broker.consumeJobs('code.deliver', async ({ challengeId }) => void seen.push(challengeId))

    await expect.poll(() => seen).toEqual([first, middle, last].map((each) => each.challengeId))
  })

  test('a closed consumer takes no more work and finishes what it has begun', async () => {
    const broker = await adapter.join({ commands: { concurrency: 1 } })
    const gate = Promise.withResolvers<void>()
    const ended: string[] = []
    let begun = 0
    const consumer = await broker.consumeCommands(async () => {
      begun += 1
      await gate.promise
      ended.push('handler')
    })
    await broker.sendCommand(command())
    await broker.sendCommand(command())
    await expect.poll(() => begun).toBe(1)
    const closed = consumer.close().then(() => ended.push('consumer'))
    await quiet()
    gate.resolve()
    await closed
    expect(ended).toEqual(['handler', 'consumer'])

    const left: Command[] = []
    await broker.consumeCommands(async (each) => void left.push(each))
    await expect.poll(() => left.length).toBe(1)
    expect(begun).toBe(1)
  })

  test('closing waits for running commands, and nothing is accepted afterwards', async () => {
    const broker = await adapter.join({ commands: { concurrency: 1 } })
    const gate = Promise.withResolvers<void>()
    const ended: string[] = []
    const begun = Promise.withResolvers<void>()
    await broker.consumeCommands(async () => {
      begun.resolve()
      await gate.promise
      ended.push('handler')
    })
    await broker.sendCommand(command())
    await begun.promise
    expect(broker.isHealthy()).toBe(true)

    const closed = broker.close().then(() => ended.push('broker'))
    await quiet()
    expect(ended).toEqual([])
    gate.resolve()
    await closed

    expect(ended).toEqual(['handler', 'broker'])
    expect(broker.isHealthy()).toBe(false)
    await expect(broker.sendCommand(command())).rejects.toThrow('closed')
    await expect(broker.sendJob(job())).rejects.toThrow('closed')
    await expect(broker.publishToShards(eventFor(accountIn(1)))).rejects.toThrow('closed')
  })
}
