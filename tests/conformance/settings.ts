import { fileURLToPath } from 'node:url'

/** The parameters of a test run. `npm run conformance` passes them in environment variables. */
export interface Settings {
  /** The shell command that starts the client under test. */
  readonly client: string
  /** The server under test, and how to get its one-time codes; undefined for our own. */
  readonly server: { readonly origin: string; readonly codes: string } | undefined
}

const ourClient = fileURLToPath(new URL('client/sdk-client.ts', import.meta.url))
const compiled = fileURLToPath(new URL('../../node_modules/.cache/sotto/compiled', import.meta.url))
// Startup takes half the time without compilation.
const ourCommand = `NODE_COMPILE_CACHE="${compiled}" "${process.execPath}" "${ourClient}"`

/** The environment variable names, for `main.ts` and `readSettings`. */
export const variables = {
  client: 'SOTTO_CONFORMANCE_CLIENT',
  server: 'SOTTO_CONFORMANCE_SERVER',
  codes: 'SOTTO_CONFORMANCE_CODES',
} as const

/** The settings of this run, with our own client and server as defaults. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const origin = environment[variables.server]
  return {
    client: environment[variables.client] ?? ourCommand,
    server: origin ? { origin, codes: environment[variables.codes] ?? '' } : undefined,
  }
}
