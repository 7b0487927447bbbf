import type { Command } from './command.ts'
import { commands } from './commands.ts'

const linesOf = ({ name, usage, summary }: Command): string =>
  [`  ${name} ${usage}`.trimEnd(), `      ${summary}`].join('\n')

const everywhere = `Every command takes:
  --json          prints the result as JSON, and errors as JSON on standard error (npm -s run admin …)
  --yes           skips the question before an action that cannot be undone
  --data FOLDER   the data folder of the Sotto, if it is neither data nor data-cluster
  --help          shows this help`

/** The help text of one command. */
export const helpOf = (command: Command): string => `npm run admin --
${linesOf(command)}

${everywhere}`

/** The help text of the whole program. */
export const help = `npm run admin -- COMMAND [options]

Controls the Sotto that runs on this machine, or at ADMIN_AUTH_URLS and ADMIN_CHAT_URLS.

${commands.map(linesOf).join('\n')}

${everywhere}

Actions are logged in admin.log in the data folder, or in ADMIN_LOG.
The exit status is 0 for success, 1 for failure, 2 for an invalid command line, 3 if no Sotto answers, and 4 if the
question was not answered with yes. docs/operating.md describes how to run it in containers.`
