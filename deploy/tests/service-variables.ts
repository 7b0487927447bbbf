import { authVariables } from '@sotto/auth'
import { chatVariables } from '@sotto/chat'
import { websocketVariables } from '@sotto/websocket'
import type { ZodObject, ZodType } from 'zod'
import { adminVariables } from '../../apps/admin/src/config.ts'
import { Environment as migrateVariables } from '../image/migrate.ts'
import { Environment as gatewayVariables } from '../image/write-nginx-config.ts'

/** The operator's commands are called in the container of auth, and have its variables. */
const { ADMIN_CHAT_URLS, ADMIN_LOG } = adminVariables.shape

/** The variables that each program of the images reads, by its file; the gateway's has none. */
export const programs = {
  'services/auth/src/main.ts': authVariables.extend({ ADMIN_CHAT_URLS, ADMIN_LOG }),
  'services/chat/src/main.ts': chatVariables,
  'services/websocket/src/main.ts': websocketVariables,
  'deploy/image/migrate.ts': migrateVariables,
  gateway: gatewayVariables,
} satisfies Record<string, ZodObject>

type Program = keyof typeof programs

/** Needed by production on top of what the schemas ask for: `checkForProduction` of each service. */
const neededInProduction: Partial<Record<Program, readonly string[]>> = {
  'services/auth/src/main.ts': [
    'PUBLIC_URL',
    'SIGN_UP',
    'AUTH_SIGNING_KEY',
    'AUTH_OPAQUE_SETUP',
    'AUTH_CODE_PEPPER',
  ],
  'services/chat/src/main.ts': ['PUBLIC_URL'],
  'services/websocket/src/main.ts': ['PUBLIC_URL'],
}

/** The file that a container's command runs, or the gateway. */
export function programOf(command: readonly string[] | undefined): Program {
  const file = command?.at(-1) ?? 'gateway'
  if (!(file in programs)) throw new Error(`no program of ours: ${file}`)
  return file as Program
}

/** What is wrong with the variables `environment` that a container runs `program` with. */
export function findFaults(program: Program, environment: Readonly<Record<string, string>>) {
  const { shape }: { shape: Readonly<Record<string, ZodType>> } = programs[program]
  const named = Object.keys(environment).map((name) => ({
    name,
    variable: name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : name,
  }))
  const unknown = named
    .filter(({ name, variable }) => !(name in shape) && !(variable in shape))
    .map(({ name }) => `${name} means nothing to ${program}`)
  const given = new Set(named.map(({ variable }) => variable))
  const missing = Object.entries(shape)
    .filter(([name, schema]) => {
      return !schema.safeParse(undefined).success || neededInProduction[program]?.includes(name)
    })
    .filter(([name]) => !given.has(name))
    .map(([name]) => `${name} is missing for ${program}`)
  const refused = named
    .filter(({ name }) => name in shape && environment[name] !== '')
    .filter(({ name }) => !shape[name]?.safeParse(environment[name]).success)
    .map(({ name }) => `${name} has a value that ${program} refuses`)
  return [...unknown, ...missing, ...refused]
}

/** A default of a program's schema. */
export function defaultOf(program: Program, name: string): unknown {
  const { shape }: { shape: Readonly<Record<string, ZodType>> } = programs[program]
  return shape[name]?.parse(undefined)
}
