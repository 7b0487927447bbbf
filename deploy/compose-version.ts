import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * What is wrong with the Docker Compose of this machine for deploy/compose.yaml, in words; undefined when nothing
 * is. Version 1, the program `docker-compose`, refuses the file.
 */
export async function complaintAboutCompose(env = process.env): Promise<string | undefined> {
  const need = 'deploy/compose.yaml needs Docker with Compose 2 or later'
  const version = await versionOfCompose(env)
  if (version === undefined) return `${need}: "docker compose version" does not answer here.`
  return Number.parseInt(version, 10) >= 2 ? undefined : `${need}, and this is ${version}.`
}

async function versionOfCompose(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('docker', ['compose', 'version', '--short'], {
      env,
      timeout: 20_000,
    })
    return /\d+\.\d+\S*/.exec(stdout)?.[0]
  } catch {
    return undefined
  }
}
