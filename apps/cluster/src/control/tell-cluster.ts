import { once } from 'node:events'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { StartError, systemCode } from '@sotto/service-runtime'
import { acceptsConnections } from '../accepts-connections.ts'
import { Answer, type Request, SOCKET } from './commands.ts'

/** A hint in case the wrong folder was searched. */
export const whereElse =
  'If it was started with another folder, set SOTTO_CLUSTER_DATA to the same one.'

/** Whether a cluster runs on `dataFolder`. */
export function isRunning(dataFolder: string): Promise<boolean> {
  return acceptsConnections(join(dataFolder, SOCKET))
}

/**
 * Sends a command to the cluster on `dataFolder`, prints its progress, and resolves to its result.
 * Throws StartError if there is none, or if the command failed.
 */
export async function tellCluster(
  dataFolder: string,
  request: Request,
  print: (line: string) => void = () => {},
): Promise<unknown> {
  const socket = connect(join(dataFolder, SOCKET))
  try {
    await once(socket, 'connect')
  } catch (error) {
    const isAbsent = ['ENOENT', 'ECONNREFUSED'].includes(systemCode(error) ?? '')
    throw new StartError(
      isAbsent
        ? `No cluster is running on ${dataFolder}. ${whereElse}`
        : `The cluster on ${dataFolder} cannot be reached (${systemCode(error)}). Run this command as the user who started it.`,
    )
  }
  socket.write(`${JSON.stringify(request)}\n`)
  for await (const line of createInterface(socket)) {
    const answer = Answer.parse(JSON.parse(line))
    if ('line' in answer) print(answer.line)
    else if ('result' in answer) return answer.result
    else throw new StartError(answer.error)
  }
  throw new StartError('The cluster stopped before it answered.')
}
