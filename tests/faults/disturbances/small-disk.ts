import { execFile } from 'node:child_process'
import { mkdtemp, open, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { requireRoot } from './require-root.ts'

const run = promisify(execFile)
const MIB = 1024 * 1024

/** A separate disk that can be filled up. It is deleted with everything on it. */
export interface SmallDisk extends AsyncDisposable {
  readonly folder: string
  /** Uses up all the space that is left. */
  fill(): Promise<void>
  /** Frees the space again. */
  relieve(): Promise<void>
}

/** Mounts an in-memory file system. Needs root; otherwise throws an explanation. */
export async function mountSmallDisk(mebibytes: number): Promise<SmallDisk> {
  requireRoot('a disk that can be filled up')
  const folder = await mkdtemp(join(tmpdir(), 'sotto-disk-'))
  await run('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'tmpfs', folder])
  const ballast = join(folder, 'ballast')
  return {
    folder,
    async fill() {
      const file = await open(ballast, 'w')
      const piece = Buffer.alloc(MIB)
      try {
        for (;;) await file.write(piece)
      } catch (error) {
        const { bavail } = await statfs(folder)
        if (bavail > 0) throw error
      } finally {
        await file.close()
      }
    },
    relieve: () => rm(ballast),
    async [Symbol.asyncDispose]() {
      await run('umount', ['-l', folder])
      await rm(folder, { recursive: true })
    },
  }
}
