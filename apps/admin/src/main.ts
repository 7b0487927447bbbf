// The entry point of `npm run admin`.
import { askPerson } from './ask-person.ts'
import { runAdmin } from './run-admin.ts'

process.exitCode = await runAdmin(process.argv.slice(2), {
  env: process.env,
  print: (text) => void process.stdout.write(`${text}\n`),
  printError: (text) => void process.stderr.write(`${text}\n`),
  ask: askPerson,
  now: Date.now,
})
