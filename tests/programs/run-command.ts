import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { repository } from '../source/source-files.ts'

const programs = {
  admin: 'apps/admin/src/main.ts',
  backup: 'apps/all-in-one/src/backup.ts',
  restore: 'apps/all-in-one/src/restore.ts',
} as const

/** The result of a command, and its output. */
export interface Ended {
  readonly status: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command like `npm run NAME -- ARGS`, without a terminal. */
export async function runCommand(
  name: keyof typeof programs,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(repository, programs[name]), ...args], {
    cwd: repository,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const printed = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      printed[stream] += text
    })
  }
  const [status] = await once(child, 'close')
  return { status, ...printed }
}
