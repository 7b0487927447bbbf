import { fileURLToPath } from 'node:url'

/**
 * The parameters of a run of the suite. `npm run conformance` passes them in environment variables.
 */
export interface Settings {
  /** Starts the client under test; for the shell. */
  readonly client: string
  /** The server under test, and how its one-time codes are learned; none for our own. */
  readonly server: { readonly origin: string; readonly codes: string } | undefined
}

const ourClient = fileURLToPath(new URL('client/sdk-client.ts', import.meta.url))
const compiled = fileURLToPath(new URL('../../node_modules/.cache/sotto/compiled', import.meta.url))
// It starts in half the time when it need not be compiled.
const ourCommand = `NODE_COMPILE_CACHE="${compiled}" "${process.execPath}" "${ourClient}"`

/** Names of the environment variables, for `main.ts` and for `readSettings`. */
export const variables = {
  client: 'SOTTO_CONFORMANCE_CLIENT',
  server: 'SOTTO_CONFORMANCE_SERVER',
  codes: 'SOTTO_CONFORMANCE_CODES',
} as const

/** The settings of this run; our own client and server unless something else is given. */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const origin = environment[variables.server]
  return {
    client: environment[variables.client] ?? ourCommand,
    server: origin ? { origin, codes: environment[variables.codes] ?? '' } : undefined,
  }
}
