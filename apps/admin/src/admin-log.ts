import { randomUUID } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { hostname } from 'node:os'
import { AdminError } from './admin-error.ts'

/**
 * The details of a command that may be logged: ids and numbers, never an address, a name, a token
 * or a text.
 */
export type LoggedDetails = Readonly<Record<string, string | number | boolean | null>>

/** The append-only log of the operators' actions, as lines of JSON. */
export interface AdminLog {
  /** A command writes two lines with the same id: one before it runs, one after. */
  write(outcome: 'began' | 'done' | 'failed', details?: LoggedDetails): Promise<void>
  close(): Promise<void>
}

/**
 * Opens the log for one command. Throws AdminError if it is not writable: nothing is done that is
 * not logged.
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
    // Another user may have created an existing file. A pipe has no permissions to change.
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
      `The log ${path} is not writable (${code}), so nothing was done. Set ADMIN_LOG to choose another one.`,
    )
  }
