import { userInfo } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  type Env,
  list,
  type OperatorFile,
  readConfig,
  readOperatorFile,
  secretInHeader,
  webAddress,
} from '@sotto/service-runtime'
import { z } from 'zod'
import { AdminError } from './admin-error.ts'

const repository = fileURLToPath(new URL('../../../', import.meta.url))

/** One or more, separated by commas. The first that answers is used. */
const addresses = list.pipe(z.array(webAddress).min(1).max(8))

/** The variables of `npm run admin`. */
export const adminVariables = z.object({
  ADMIN_TOKEN: secretInHeader.optional(),
  ADMIN_AUTH_URLS: addresses.default(['http://127.0.0.1:9081']),
  ADMIN_CHAT_URLS: addresses.default(['http://127.0.0.1:9083']),
  ADMIN_LOG: z.string().max(4096).optional(),
  ADMIN_NAME: z
    .string()
    .regex(/^[^\p{Cc}]{1,64}$/u, 'must be a name of 1 to 64 characters, like ada')
    .optional(),
  PUBLIC_URL: webAddress.optional(),
  SOTTO_DATA: z.string().default('data'),
  SOTTO_CLUSTER_DATA: z.string().default('data-cluster'),
})

/** How to reach the running Sotto, where to log the operator's actions, and the operator's name. */
export interface AdminConfig {
  readonly server: Omit<OperatorFile, 'v' | 'publicUrl'> & {
    readonly publicUrl: string | undefined
  }
  readonly logFile: string
  readonly who: string
}

/**
 * Finds the running Sotto: through `ADMIN_TOKEN` if that is set, as in containers, otherwise in the
 * data folders of `npm start` and `npm run cluster`. `folder` names one of them. Throws AdminError
 * and `ConfigError`.
 */
export async function findConfig(env: Env, folder: string | undefined): Promise<AdminConfig> {
  const variables = readConfig(adminVariables, env)
  const { ADMIN_TOKEN, ADMIN_AUTH_URLS, ADMIN_CHAT_URLS, ADMIN_LOG, PUBLIC_URL } = variables
  const who = variables.ADMIN_NAME ?? env.SUDO_USER ?? userName()
  if (ADMIN_TOKEN !== undefined && folder === undefined) {
    if (ADMIN_LOG === undefined) {
      throw new AdminError(
        'usage',
        'ADMIN_LOG: must be set if ADMIN_TOKEN is, to the path of a file',
      )
    }
    const urls = { auth: ADMIN_AUTH_URLS, chat: ADMIN_CHAT_URLS }
    const server = { token: ADMIN_TOKEN, ...urls, publicUrl: PUBLIC_URL }
    return { server, logFile: ADMIN_LOG, who }
  }
  const folders = (folder === undefined ? foldersOf(variables) : [folder]).map(absolute)
  const found = await runningIn(folders)
  return { server: found.file, logFile: ADMIN_LOG ?? join(found.folder, 'admin.log'), who }
}

const foldersOf = ({ SOTTO_DATA, SOTTO_CLUSTER_DATA }: z.infer<typeof adminVariables>) => [
  SOTTO_DATA,
  SOTTO_CLUSTER_DATA,
]

const absolute = (folder: string) => (isAbsolute(folder) ? folder : join(repository, folder))

async function runningIn(folders: readonly string[]) {
  const looked = await Promise.all(
    folders.map(async (folder) => ({ folder, file: await readOperatorFile(folder) })),
  )
  const running = looked.flatMap(({ folder, file }) => (file ? [{ folder, file }] : []))
  const [first, second] = running
  if (first && second) {
    const names = running.map(({ folder }) => folder).join(' and ')
    throw new AdminError('usage', `Sotto is running in ${names}. Choose one: --data FOLDER`)
  }
  if (!first) {
    const names = folders.join(' and in ')
    throw new AdminError(
      'unreachable',
      `No Sotto is running in ${names}. If it was started with another folder, name it: --data FOLDER`,
    )
  }
  return first
}

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run as a user without a name.
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}
