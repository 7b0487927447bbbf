import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLog } from '../src/open-log.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sotto-log-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a full disk does not end the process that logs to it', async () => {
  await symlink('/dev/full', join(folder, 'sotto.log'))
  const log = await openLog(folder, 'warn')

  for (let line = 0; line < 3; line++) {
    expect(() => log.warn('nowhere to write this')).not.toThrow()
  }
  await rm(join(folder, 'sotto.log'))
})

test('log lines are written to the file immediately', async () => {
  const log = await openLog(folder, 'warn')

  log.warn('the disk is there')

  expect(await readFile(join(folder, 'sotto.log'), 'utf8')).toContain('the disk is there')
})
