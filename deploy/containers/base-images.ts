import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repository } from '../../tests/source/source-files.ts'
import { fillIn, readCompose } from '../tests/compose-file.ts'
import { works } from './run-command.ts'
import {
  makeStandIn,
  nodeStandIn,
  postgresStandIn,
  rabbitmqStandIn,
  type StandIn,
} from './stand-ins.ts'

/** An image that Sotto's are built on, or that runs beside them. */
interface BaseImage {
  /** With which deploy/compose.yaml is told to take another one. */
  readonly variable: 'NODE_IMAGE' | 'POSTGRES_IMAGE' | 'RABBITMQ_IMAGE'
  readonly official: string
  readonly standIn: () => StandIn | Promise<StandIn>
}

/**
 * The official images where they are here or a registry gives them, and otherwise stand-ins, whose names begin
 * with `prefix`. Returns the variables for deploy/.env, and what stands in for what, in words.
 */
export async function findBaseImages(prefix: string) {
  const variables: Record<string, string> = {}
  const standIns: string[] = []
  for (const { variable, official, standIn } of await baseImages()) {
    const isThere =
      (await works('docker', 'image', 'inspect', official)) ||
      (await works('docker', 'pull', '--quiet', official))
    if (isThere) continue
    const [name = ''] = official.split(':')
    const own = `${prefix}/${name}`
    const made = await standIn()
    await makeStandIn(own, name, made)
    variables[variable] = own
    standIns.push(`${official} is stood in for: ${made.words}.`)
  }
  return { variables, standIns }
}

async function baseImages(): Promise<BaseImage[]> {
  const dockerfile = await readFile(join(repository, 'deploy/Dockerfile'), 'utf8')
  const { services } = readCompose()
  const imageOf = (name: string) => fillIn(services[name]?.image ?? '', {})
  return [
    {
      variable: 'NODE_IMAGE',
      official: /^ARG NODE_IMAGE=(\S+)$/m.exec(dockerfile)?.[1] ?? '',
      standIn: nodeStandIn,
    },
    { variable: 'POSTGRES_IMAGE', official: imageOf('postgres'), standIn: postgresStandIn },
    { variable: 'RABBITMQ_IMAGE', official: imageOf('rabbitmq'), standIn: rabbitmqStandIn },
  ]
}
