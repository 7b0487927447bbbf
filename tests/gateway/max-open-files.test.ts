import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { maxOpenFiles } from '../../gateway/max-open-files.ts'

const folder = mkdtempSync(join(tmpdir(), 'sotto-limits-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** The kernel's report about a process. */
function processWith(hard: string, rights: string): string {
  writeFileSync(
    join(folder, 'limits'),
    `Limit                     Soft Limit           Hard Limit           Units
Max processes             15000                15000                processes
Max open files            1024                 ${hard.padEnd(20)} files
`,
  )
  writeFileSync(join(folder, 'status'), `Name:\tnode\nCapEff:\t${rights}\nThreads:\t1\n`)
  return folder
}

const nothing = '0000000000000000'
test.each([
  ['a user', '4096', nothing, 4096],
  ['a user', '524288', nothing, 65_536],
  ['a user', 'unlimited', nothing, 65_536],
  ['root', '4096', '000001ffffffffff', 65_536],
  // Docker's default set of capabilities.
  ['root in a container', '4096', '00000000a80425fb', 4096],
])('%s with a limit of %s has %s, and requests %i', async (_, hard, rights, expected) => {
  expect(await maxOpenFiles(processWith(hard, rights))).toBe(expected)
})

test('without a known limit, requests the default', async () => {
  expect(await maxOpenFiles(join(folder, 'none'))).toBe(65_536)
})
