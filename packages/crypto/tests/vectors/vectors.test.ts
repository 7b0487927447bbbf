import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readSuite, runSuite } from './run-file.ts'

const folder = join(import.meta.dirname, 'files')
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.json'))
  .sort()

test.each(files)('every case of %s ends as required', { timeout: 120_000 }, async (path) => {
  const suite = readSuite(JSON.parse(readFileSync(join(folder, path), 'utf8')))
  if (!suite) throw new Error('Unknown format')

  const { failures } = await runSuite(suite)

  expect(failures).toEqual([])
})

test('a wrong answer is detected and named', async () => {
  const path = join(folder, 'wycheproof', 'ed25519_test.json')
  const content = JSON.parse(readFileSync(path, 'utf8'))
  const [{ tests }] = content.testGroups
  tests[0].result = tests[0].result === 'valid' ? 'invalid' : 'valid'
  const suite = readSuite(content)
  if (!suite) throw new Error('Unknown format')

  const { passed, failures } = await runSuite(suite)

  expect(passed).toBe(suite.cases.length - 1)
  expect(failures).toEqual([expect.stringContaining(`tcId ${tests[0].tcId}`)])
})
