import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** One of our source files: its path from the repository root, and its text. */
export interface SourceFile {
  path: string
  text: string
}

export const repository = fileURLToPath(new URL('../..', import.meta.url))

/** Every tracked or new file, except those that `.gitignore` excludes. */
export function listFiles(): string[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard']
  const output = execFileSync('git', list, { cwd: repository, encoding: 'utf8' })
  return output.split('\n').filter((path) => path !== '' && existsSync(join(repository, path)))
}

/** Our TypeScript and JavaScript. */
export function readSources(): SourceFile[] {
  return listFiles()
    .filter((path) => /\.(ts|tsx|mjs|js)$/.test(path))
    .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }))
}
