import type { Command, Job } from '@sotto/wire'
import { MAX_JOB_PRIORITY } from '../broker.ts'
import { commandLane, jobLane } from './lanes.ts'
import type { Link } from './link.ts'
import type { Lane } from './publish-batches.ts'
import type { Topology } from './topology.ts'

/** Puts commands and jobs into their queues. */
export interface WorkSender {
  sendCommand(command: Command): Promise<void>
  sendJob(job: Job, priority?: number): Promise<void>
  /** Rejects everything that waits for room. */
  close(): void
}

export function createWorkSender(link: Link, topology: Topology): WorkSender {
  const commands = commandLane(link, topology.commands)
  const jobs = new Map<string, Lane<string>>()
  let isOpen = true

  function laneOf(type: Job['type'], priority: number): Lane<string> {
    if (!isOpen) throw new Error('The broker is closed')
    const key = `${type} ${priority}`
    const lane = jobs.get(key) ?? jobLane(link, topology.jobs(type), priority)
    jobs.set(key, lane)
    return lane
  }

  return {
    sendCommand: (command) => commands.send(JSON.stringify(command)),
    sendJob: async (job, priority = 0) =>
      laneOf(job.type, Math.min(priority, MAX_JOB_PRIORITY)).send(JSON.stringify(job)),
    close() {
      isOpen = false
      for (const lane of [commands, ...jobs.values()]) lane.close()
    },
  }
}
