import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { StartError } from '@sotto/service-runtime'
import { whereElse } from './control/tell-cluster.ts'

const lastLines = 100

/**
 * The end of a part's log, or the names of all logs. Throws StartError if there is no such log, or
 * none at all.
 */
export async function showLogs(dataFolder: string, part: string | undefined): Promise<string> {
  const folder = join(dataFolder, 'logs')
  const files = [
    ...(await readdir(folder).catch(() => []))
      .filter((name) => name.endsWith('.log'))
      .map((name) => join(folder, name)),
    join(dataFolder, 'postgres.log'),
    join(dataFolder, 'rabbitmq', 'log', 'sotto@localhost.log'),
  ]
  const names = new Map(files.map((file) => [nameOf(file), file]))
  if (!existsSync(folder)) {
    throw new StartError(`No cluster has run on ${dataFolder}. ${whereElse}`)
  }
  if (part === undefined) {
    return `Logs in ${dataFolder}: ${[...names.keys()].sort().join(', ')}\nnpm run cluster -- logs PART shows the end of one.`
  }
  const file = names.get(part)
  const text = file && (await readFile(file, 'utf8').catch(() => undefined))
  if (text === undefined) {
    throw new StartError(`${dataFolder} contains no log of ${part}. ${whereElse}`)
  }
  return `${file}\n${text.trimEnd().split('\n').slice(-lastLines).join('\n')}`
}

function nameOf(file: string): string {
  const name = basename(file, '.log')
  return name === 'sotto@localhost' ? 'rabbitmq' : name === 'sotto' ? 'cluster' : name
}
