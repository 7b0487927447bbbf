import type { Command } from './command.ts'
import { commands } from './commands.ts'

const linesOf = ({ name, usage, summary }: Command): string =>
  [`  ${name} ${usage}`.trimEnd(), `      ${summary}`].join('\n')

const everywhere = `Every command takes:
  --json          prints the result as JSON, and errors as JSON on standard error (npm -s run admin …)
  --yes           does what cannot be taken back without asking
  --data FOLDER   of the Sotto that is meant, when it is neither in data nor in data-cluster
  --help          shows this`

/** The help text of one command. */
export const helpOf = (command: Command): string => `npm run admin --
${linesOf(command)}

${everywhere}`

/** The help text of the whole program. */
export const help = `npm run admin -- COMMAND [options]

Speaks to the Sotto that runs on this machine, or where ADMIN_AUTH_URLS and ADMIN_CHAT_URLS lead.

${commands.map(linesOf).join('\n')}

${everywhere}

What is done is written into admin.log in the data folder, or where ADMIN_LOG says.
The status is 0 when it worked, 1 when it did not, 2 for a command that is written wrong, 3 when no Sotto answers,
4 when nobody said yes. docs/operating.md says how it is called in containers.`
