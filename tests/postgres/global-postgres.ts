import { randomBytes } from 'node:crypto'
import { access, constants, rm, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startEmbeddedPostgres } from '@sotto/local-postgres'
import { migrate } from '@sotto/service-runtime'
import type { TestProject } from 'vitest/node'
import { asAdmin } from './as-admin.ts'
import { inDatabase, readTemplate, type Template } from './lent-databases.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's URL for the PostgreSQL of this test run. */
    postgresUrl: string
    /** A template database with the tables of all services. */
    templateDatabase: Template
  }
}

/** Starts one PostgreSQL for a vitest run, in a temporary folder. */
export async function setup(project: TestProject) {
  // Not `mkdtemp`: if we are root, PostgreSQL runs as another user who must reach the folder.
  const dataFolder = join(await quickestFolder(), `sotto-test-${randomBytes(8).toString('hex')}`)
  const postgres = await startEmbeddedPostgres({ dataFolder })
  project.provide('postgresUrl', postgres.url)
  project.provide('templateDatabase', await makeTemplate(postgres.url))
  return async () => {
    await postgres.stop()
    await rm(dataFolder, { recursive: true, force: true })
  }
}

const MEMORY = '/dev/shm'
const NEEDED_BYTES = 4 * 1024 ** 3

/**
 * A folder in memory if there is enough: nearly every test has a separate database with hundreds of
 * files. The durability of a killed PostgreSQL is tested elsewhere, on a disk.
 */
async function quickestFolder(): Promise<string> {
  try {
    await access(MEMORY, constants.W_OK)
    const { bavail, bsize } = await statfs(MEMORY)
    return bavail * bsize >= NEEDED_BYTES ? MEMORY : tmpdir()
  } catch {
    return tmpdir()
  }
}

async function makeTemplate(url: string): Promise<Template> {
  const name = 'template_sotto'
  await asAdmin(url, (admin) => admin`create database ${admin(name)}`)
  await asAdmin(inDatabase(url, name), async (admin) => {
    for (const schema of ['auth', 'chat']) {
      const folder = new URL(`../../services/${schema}/src/migrations/`, import.meta.url)
      await migrate(admin, { schema, folder: fileURLToPath(folder) })
    }
  })
  return readTemplate(url, name)
}
