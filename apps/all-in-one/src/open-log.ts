import { rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createLogger, type Logger } from '@sotto/service-runtime'
import { destination } from 'pino'

const maxBytes = 10 * 1024 * 1024
/** How much may be buffered in memory while the disk is full. Lines beyond it are dropped. */
const maxWaitingBytes = 256 * 1024

/**
 * Opens `sotto.log` in the data folder. A long log is rotated, replacing the previous rotated one.
 * If the disk is full, lines wait or are lost, and Sotto continues.
 */
export async function openLog(dataFolder: string, level: string): Promise<Logger> {
  const file = join(dataFolder, 'sotto.log')
  const size = (await stat(file).catch(() => undefined))?.size ?? 0
  if (size > maxBytes) await rename(file, `${file}.old`)
  const lines = destination({ dest: file, mode: 0o600, sync: true, maxLength: maxWaitingBytes })
  // Without a listener, the first failing write would end the process.
  lines.on('error', () => {})
  return createLogger({ name: 'sotto', level, destination: lines })
}
