import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Run {
  readonly isGood: boolean
  readonly output: string
}

/** Runs a command of Lingui on the words of the web app. */
export function runLingui(...command: readonly string[]): Run {
  const program = ['node_modules/@lingui/cli/dist/lingui.js', ...command, '--workers', '1']
  const config = ['--config', 'apps/web/lingui.config.ts']
  const { status, stdout, stderr } = spawnSync(process.execPath, [...program, ...config], {
    cwd: root,
    encoding: 'utf8',
  })
  return { isGood: status === 0, output: stdout + stderr }
}
