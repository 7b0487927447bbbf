import { randomUUID } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { hostname } from 'node:os'
import { AdminError } from './admin-error.ts'

/** What may be written down of a command: ids and numbers, never an address, a name, a token or a text. */
export type LoggedDetails = Readonly<Record<string, string | number | boolean | null>>

/** The log of what operators did: lines of JSON that are only ever added. */
export interface AdminLog {
  /** Two lines of one command have the same id: one before it, one after it. */
  write(outcome: 'began' | 'done' | 'failed', details?: LoggedDetails): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the log for one command. Throws AdminError when it cannot be written to: nothing is done that is not
 * written down.
 */
export async function openAdminLog(
  path: string,
  { who, command, now }: { who: string; command: string; now: () => number },
): Promise<AdminLog> {
  const file = await openForAppending(path)
  const id = randomUUID()
  return {
    async write(outcome, details = {}) {
      const time = new Date(now()).toISOString()
      const line = { time, id, who, host: hostname(), command, outcome, ...details }
      await file.appendFile(`${JSON.stringify(line)}\n`).catch(refuse(path))
    },
    close: () => file.close(),
  }
}

async function openForAppending(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'a', 0o600)
    // One that is there may have been made by somebody else; a pipe has no rights to change.
    if ((await file.stat()).isFile()) await file.chmod(0o600)
    return file
  } catch (error) {
    return refuse(path)(error)
  }
}

const refuse =
  (path: string) =>
  (error: unknown): never => {
    const code = error instanceof Error && 'code' in error ? error.code : 'unknown error'
    throw new AdminError(
      'failed',
      `The log ${path} cannot be written to (${code}), so nothing was done. ADMIN_LOG chooses another one.`,
    )
  }
