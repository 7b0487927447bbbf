import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { complaintAboutCompose } from '../compose-version.ts'

const folder = mkdtempSync(join(tmpdir(), 'sotto-docker-'))
afterAll(() => rmSync(folder, { recursive: true }))

/** A machine whose `docker` prints this about its Compose. */
function machineWith(script: string): NodeJS.ProcessEnv {
  const file = join(folder, 'docker')
  writeFileSync(file, `#!/bin/sh\n${script}\n`)
  chmodSync(file, 0o755)
  return { PATH: `${folder}:/usr/bin:/bin` }
}

test.each(['2.26.1', 'v2.40.3-desktop.1', '5.0.1'])('accepts Compose %s', async (version) => {
  expect(await complaintAboutCompose(machineWith(`echo ${version}`))).toBeUndefined()
})

test.each([
  ['1.29.2', 'echo 1.29.2', 'and this is 1.29.2.'],
  [
    'none',
    `echo "docker: 'compose' is not a docker command." >&2; exit 1`,
    'does not answer here.',
  ],
  ['one that says nothing', 'true', 'does not answer here.'],
])('reports Compose %s as a problem', async (_, script, words) => {
  const complaint = await complaintAboutCompose(machineWith(script))
  expect(complaint).toMatch(/^deploy\/compose\.yaml needs Docker with Compose 2 or later/)
  expect(complaint).toContain(words)
})

test('reports a machine without Docker', async () => {
  expect(await complaintAboutCompose({ PATH: '/nowhere' })).toContain('does not answer here.')
})
