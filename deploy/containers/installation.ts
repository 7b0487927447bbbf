import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { listFiles, repository } from '../../tests/source/source-files.ts'
import { run } from './run-command.ts'

const guide = await readFile(join(repository, 'docs/operating.md'), 'utf8')

/** An operator's machine: a separate clone whose containers form one Compose project. */
export class Installation {
  readonly folder: string
  readonly project: string

  /** Copies the files that git tracks; the packages are those of this clone. */
  static async clone(folder: string, project: string): Promise<Installation> {
    for (const path of listFiles()) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await cp(join(repository, path), join(folder, path), { verbatimSymlinks: true })
    }
    await symlink(join(repository, 'node_modules'), join(folder, 'node_modules'))
    return new Installation(folder, project)
  }

  private constructor(folder: string, project: string) {
    this.folder = folder
    this.project = project
  }

  /** Writes deploy/.env as the guide describes, with separate container names. */
  async writeSettings(variables: Readonly<Record<string, string>>): Promise<void> {
    const all = { ...variables, COMPOSE_PROJECT_NAME: this.project }
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`)
    await writeFile(join(this.folder, 'deploy/.env'), lines.join(''))
  }

  /**
   * Runs a command exactly as docs/operating.md contains it, in a shell at the root of the clone;
   * `words` replaces the guide's placeholders in capitals. Throws if the guide does not contain it.
   */
  async type(
    line: string,
    words: Readonly<Record<string, string>> = {},
    variables: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    if (!guide.includes(line)) throw new Error(`docs/operating.md does not contain: ${line}`)
    const typed = Object.entries(words).reduce(
      (text, [word, value]) => text.replaceAll(word, value),
      line,
    )
    return run(['sh', '-c', typed], { cwd: this.folder, variables })
  }

  /** Runs Compose for actions that an operator does not need. */
  async compose(...words: string[]): Promise<string> {
    return run(['docker', 'compose', '-f', 'deploy/compose.yaml', ...words], { cwd: this.folder })
  }

  async read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8')
  }
}
