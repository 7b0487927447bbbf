import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * The problem with this machine's Docker Compose for deploy/compose.yaml, in words; undefined if
 * there is none. Version 1, the program `docker-compose`, rejects the file.
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
