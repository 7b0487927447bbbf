import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStorage } from '@sotto/sdk/node'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { TestDevice } from '../network/device.ts'
import { ProfileContent } from './profile-content.ts'
import { readContent } from './read-content.ts'

const profiles = new URL('profiles/', import.meta.url).pathname
/** Nothing listens at this address, so the content comes from the profile alone. */
const nowhere = { origin: 'http://127.0.0.1:9' }
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-profiles-'))
})
afterAll(() => rm(folder, { recursive: true }))

test.each(await readdir(profiles))('profile %s opens with all of its content', async (name) => {
  const copy = join(folder, name)
  await cp(join(profiles, name), copy, { recursive: true })
  const expected = ProfileContent.parse(
    JSON.parse(await readFile(join(copy, 'content.json'), 'utf8')),
  )

  const storage = openSqliteStorage(join(copy, 'device.db'))
  const device = await TestDevice.open(nowhere, 'opened again', { storage })

  expect(await readContent(device)).toEqual(expected)
  await device.close()
})
