import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadSecrets } from '../src/secrets.ts'

let dataFolder: string
let file: string

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'sotto-secrets-'))
  file = join(dataFolder, 'secrets.json')
})
afterEach(() => rm(dataFolder, { recursive: true, force: true }))

test('secrets are generated once, and only their owner can read them', async () => {
  const first = await loadSecrets(dataFolder)
  expect(await loadSecrets(dataFolder)).toEqual(first)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
})

test('two installations have nothing in common', async () => {
  const first = await loadSecrets(dataFolder)
  await rm(file)
  const second = await loadSecrets(dataFolder)
  expect(second.signingKey).not.toBe(first.signingKey)
  expect(second.opaqueSetup).not.toBe(first.opaqueSetup)
  expect(second.codePepper).not.toBe(first.codePepper)
  expect(second.databasePasswords).not.toEqual(first.databasePasswords)
})

test('reports a damaged file in one line that quotes nothing of it', async () => {
  await loadSecrets(dataFolder)
  await writeFile(file, (await readFile(file, 'utf8')).slice(0, 100))
  const error = await loadSecrets(dataFolder).catch((reason: Error) => reason)
  expect(error).toHaveProperty('name', 'StartError')
  expect((error as Error).message).toBe(`${file} is damaged. Restore it from a backup.`)
})

test('never generates new secrets beside an old database', async () => {
  await mkdir(join(dataFolder, 'postgres'))
  await expect(loadSecrets(dataFolder)).rejects.toThrow(/secrets\.json is missing/)
})
