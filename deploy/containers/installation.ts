import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { listFiles, repository } from '../../tests/source/source-files.ts'
import { run } from './run-command.ts'

const guide = await readFile(join(repository, 'docs/operating.md'), 'utf8')

/** A machine of an operator: a clone of its own, whose containers are one project of Compose. */
export class Installation {
  readonly folder: string
  readonly project: string

  /** Copies what git knows; packages are those of this clone. */
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

  /** Writes deploy/.env, as the guide says; also that the containers have names of their own. */
  async writeSettings(variables: Readonly<Record<string, string>>): Promise<void> {
    const all = { ...variables, COMPOSE_PROJECT_NAME: this.project }
    const lines = Object.entries(all).map(([name, value]) => `${name}=${value}\n`)
    await writeFile(join(this.folder, 'deploy/.env'), lines.join(''))
  }

  /**
   * Types a command as docs/operating.md has it, in a shell at the top of the clone; `words` takes the place of
   * what the guide writes in capitals. Throws when the guide does not say it.
   */
  async type(
    line: string,
    words: Readonly<Record<string, string>> = {},
    variables: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    if (!guide.includes(line)) throw new Error(`docs/operating.md does not say: ${line}`)
    const typed = Object.entries(words).reduce(
      (text, [word, value]) => text.replaceAll(word, value),
      line,
    )
    return run(['sh', '-c', typed], { cwd: this.folder, variables })
  }

  /** Calls Compose for something that no operator has to do. */
  async compose(...words: string[]): Promise<string> {
    return run(['docker', 'compose', '-f', 'deploy/compose.yaml', ...words], { cwd: this.folder })
  }

  async read(path: string): Promise<string> {
    return readFile(join(this.folder, path), 'utf8')
  }
}
