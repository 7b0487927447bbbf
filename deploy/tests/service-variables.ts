import { authVariables } from '@sotto/auth'
import { chatVariables } from '@sotto/chat'
import { websocketVariables } from '@sotto/websocket'
import type { ZodObject, ZodType } from 'zod'
import { adminVariables } from '../../apps/admin/src/config.ts'
import { Environment as migrateVariables } from '../image/migrate.ts'
import { Environment as gatewayVariables } from '../image/write-nginx-config.ts'

/** The operator's commands run in the container of auth and use its variables. */
const { ADMIN_CHAT_URLS, ADMIN_LOG } = adminVariables.shape

/** The variables that each program in the images reads, by its file; the gateway has no file. */
export const programs = {
  'services/auth/src/main.ts': authVariables.extend({ ADMIN_CHAT_URLS, ADMIN_LOG }),
  'services/chat/src/main.ts': chatVariables,
  'services/websocket/src/main.ts': websocketVariables,
  'deploy/image/migrate.ts': migrateVariables,
  gateway: gatewayVariables,
} satisfies Record<string, ZodObject>

type Program = keyof typeof programs

/** Required in production in addition to the schemas: `checkForProduction` of each service. */
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
  if (!(file in programs)) throw new Error(`${file} is not one of our programs`)
  return file as Program
}

/** The faults in the variables `environment` with which a container runs `program`. */
export function findFaults(program: Program, environment: Readonly<Record<string, string>>) {
  const { shape }: { shape: Readonly<Record<string, ZodType>> } = programs[program]
  const named = Object.keys(environment).map((name) => ({
    name,
    variable: name.endsWith('_FILE') ? name.slice(0, -'_FILE'.length) : name,
  }))
  const unknown = named
    .filter(({ name, variable }) => !(name in shape) && !(variable in shape))
    .map(({ name }) => `${program} does not know ${name}`)
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
    .map(({ name }) => `${program} rejects the value of ${name}`)
  return [...unknown, ...missing, ...refused]
}

/** The default in a program's schema. */
export function defaultOf(program: Program, name: string): unknown {
  const { shape }: { shape: Readonly<Record<string, ZodType>> } = programs[program]
  return shape[name]?.parse(undefined)
}
