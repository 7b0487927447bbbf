import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { vectorFiles } from '../../scripts/vectors/vector-files.ts'
import { readSuite, runSuite } from './run-file.ts'

const folder = join(import.meta.dirname, 'files', 'sotto')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

/** The opposite of what a case expects. */
const OPPOSITES: Record<string, string> = { accept: 'refuse', open: 'refuse', refuse: 'accept' }

interface Case {
  expect: string
}

test('the script makes the files as they are', () => {
  const made = vectorFiles()

  expect(made.map(([name]) => [name, read(name)])).toEqual(made)
  expect([...made.map(([name]) => name), 'opaque.json'].sort()).toEqual(readdirSync(folder).sort())
})

const withExpectations = vectorFiles()
  .map(([name, text]) => ({ name, content: JSON.parse(text) }))
  .filter(({ content }) => 'cases' in content)

test.each(withExpectations)('every wrong expectation in $name is found', async ({ content }) => {
  const cases: Case[] = content.cases
  const isOpen = cases.some((one) => one.expect === 'open')
  for (const one of cases) {
    const opposite = OPPOSITES[one.expect] ?? ''
    one.expect = isOpen && opposite === 'accept' ? 'open' : opposite
  }
  const suite = readSuite(content)
  if (!suite) throw new Error('a format nobody reads')

  const { passed, failures } = await runSuite(suite)

  expect(passed).toBe(0)
  expect(failures).toHaveLength(cases.length)
})

test('another safety number, tag, text or key is found', async () => {
  const changes: [name: string, from: RegExp, to: string][] = [
    ['identities.json', /"digits": "\d/, '"digits": "x'],
    ['identities.json', /"tag": "/, '"tag": "x'],
    ['contents.json', /"text": "the canary/, '"text": "a canary'],
    ['messages-rsa.json', /"text": "the canary/, '"text": "a canary'],
    ['messages-ecdh.json', /"counter": 1/, '"counter": 2'],
    ['boxes.json', /"verified\\":true/, '"verified\\":false'],
    ['statements.json', /"name": "Alice"/, '"name": "Malice"'],
    ['wraps.json', /"sha256": "/, '"sha256": "x'],
    ['recovery-codes.json', /"code": "0/, '"code": "1'],
    ['opaque.json', /"exportKey": "/, '"exportKey": "x'],
  ]
  const unnoticed: string[] = []
  for (const [name, from, to] of changes) {
    const suite = readSuite(JSON.parse(read(name).replace(from, to)))
    const result = suite && (await runSuite(suite))
    if (result?.failures.length !== 1) unnoticed.push(`${name} ${from}`)
  }

  expect(unnoticed).toEqual([])
})
