import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createLogger, type Logger } from '@sotto/service-runtime'
import { destination } from 'pino'

const maxBytes = 10 * 1024 * 1024

/** Opens `sotto.log` in the data folder. A long one is set aside, and the one set aside before goes. */
export async function openLog(dataFolder: string, level: string): Promise<Logger> {
  const file = join(dataFolder, 'sotto.log')
  const size = (await stat(file).catch(() => undefined))?.size ?? 0
  if (size > maxBytes) await rename(file, `${file}.old`)
  return createLogger({
    name: 'sotto',
    level,
    destination: destination({ dest: file, mode: 0o600, sync: true }),
  })
}
