import { ConfigError, Health, StartError } from '@sotto/service-runtime'
import { dataFolderOf } from './config.ts'
import type { Request } from './control/commands.ts'
import { tellCluster } from './control/tell-cluster.ts'
import { help } from './help.ts'
import { runCluster } from './run-cluster.ts'
import { showLogs } from './show-logs.ts'
import { ClusterStatus, showStatus } from './show-status.ts'

const print = (text: string) => void process.stdout.write(`${text}\n`)

async function main([command = 'run', ...args]: readonly string[]): Promise<void> {
  const dataFolder = dataFolderOf(process.env)
  const tell = (name: Request['command'], given: readonly string[] = args) =>
    tellCluster(dataFolder, { command: name, args: [...given] }, print)
  switch (command) {
    case 'run':
      return runCluster(process.env, print)
    case 'status':
      return print(
        showStatus(
          ClusterStatus.parse(await tell('status')),
          Health.nullable().parse(await tell('health')),
        ),
      )
    case 'logs':
      return print(await showLogs(dataFolder, args[0]))
    case 'stop':
      await tell(args[0] === undefined ? 'stop' : 'stop-part')
      return print(`${args[0] ?? 'The cluster'} has been stopped.`)
    case 'start':
      await tell('start-part', [needed(args[0])])
      return print(`${args[0]} is running.`)
    case 'restart':
      await tell('restart', [needed(args[0])])
      return print(`${args[0]} is running again.`)
    case 'reload':
      await tell('reload')
      return print('NGINX has reloaded its certificate and its configuration.')
    case 'rolling-restart':
      await tell('rolling-restart')
      return print('All services have been restarted.')
    case 'rabbitmqctl':
      return print(String(await tell('rabbitmqctl')).trimEnd())
    case 'help':
      return print(help)
    default:
      throw new StartError(`There is no command ${command}.\n\n${help}`)
  }
}

function needed(part: string | undefined): string {
  if (part === undefined) throw new StartError('Name a part: npm run cluster -- status lists them.')
  return part
}

/** One line for errors that the operator can fix; a stack for bugs. */
function fail(error: unknown): never {
  const isExpected = error instanceof StartError || error instanceof ConfigError
  const told = isExpected ? error.message : error instanceof Error ? error.stack : String(error)
  process.stderr.write(`${told}\n`)
  process.exit(1)
}

await main(process.argv.slice(2)).catch(fail)
