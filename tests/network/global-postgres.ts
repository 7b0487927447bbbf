import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import { startEmbeddedPostgres } from '../../apps/all-in-one/src/embedded-postgres.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the superuser of the PostgreSQL that serves this test run. */
    postgresUrl: string
  }
}

/** Starts one PostgreSQL for a vitest run, in a folder that is gone afterwards. */
export async function setup(project: TestProject) {
  // Not `mkdtemp`: PostgreSQL runs as another user when we are root, and must reach the folder.
  const dataFolder = join(tmpdir(), `sotto-test-${randomBytes(8).toString('hex')}`)
  const postgres = await startEmbeddedPostgres({ dataFolder })
  project.provide('postgresUrl', postgres.url)
  return async () => {
    await postgres.stop()
    await rm(dataFolder, { recursive: true, force: true })
  }
}
