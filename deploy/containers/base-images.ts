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

/** An image on which Sotto's images are built, or which runs beside them. */
interface BaseImage {
  /** The variable that makes deploy/compose.yaml use another one. */
  readonly variable: 'NODE_IMAGE' | 'POSTGRES_IMAGE' | 'RABBITMQ_IMAGE'
  readonly official: string
  readonly standIn: () => StandIn | Promise<StandIn>
}

/**
 * Finds the official images locally or in a registry, and otherwise builds substitutes, whose names
 * begin with `prefix`. Returns the variables for deploy/.env, and a description of the substitutes.
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
    standIns.push(`${official} is replaced with ${made.words}.`)
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
