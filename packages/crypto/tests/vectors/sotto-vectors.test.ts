import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { vectorFiles } from '../../scripts/vectors/vector-files.ts'
import { readSuite, runSuite } from './run-file.ts'

const folder = join(import.meta.dirname, 'files', 'sotto')
const read = (name: string) => readFileSync(join(folder, name), 'utf8')

/** The opposite of each expectation. */
const OPPOSITES: Record<string, string> = { accept: 'refuse', open: 'refuse', refuse: 'accept' }

interface Case {
  expect: string
}

test('the script reproduces the files', () => {
  const made = vectorFiles()

  expect(made.map(([name]) => [name, read(name)])).toEqual(made)
  expect([...made.map(([name]) => name), 'opaque.json'].sort()).toEqual(readdirSync(folder).sort())
})

const withExpectations = vectorFiles()
  .map(([name, text]) => ({ name, content: JSON.parse(text) }))
  .filter(({ content }) => 'cases' in content)

test.each(withExpectations)('detects every reversed expectation in $name', async ({ content }) => {
  const cases: Case[] = content.cases
  const isOpen = cases.some((one) => one.expect === 'open')
  for (const one of cases) {
    const opposite = OPPOSITES[one.expect] ?? ''
    one.expect = isOpen && opposite === 'accept' ? 'open' : opposite
  }
  const suite = readSuite(content)
  if (!suite) throw new Error('Unknown format')

  const { passed, failures } = await runSuite(suite)

  expect(passed).toBe(0)
  expect(failures).toHaveLength(cases.length)
})

test.each<[name: string, id: string, from: RegExp, to: string]>([
  ['identities.json', 'alice-and-bob', /"digits": "\d/, '"digits": "x'],
  ['identities.json', 'a11ce000-LlIiCK', /"tag": "/, '"tag": "x'],
  ['contents.json', 'hello', /"text": "the canary/, '"text": "a canary'],
  ['messages-rsa.json', 'to-bob', /"text": "the canary/, '"text": "a canary'],
  ['messages-ecdh.json', 'to-bob', /"counter": 1/, '"counter": 2'],
  ['boxes.json', 'contacts', /"verified\\":true/, '"verified\\":false'],
  ['statements.json', 'record', /"name": "Alice"/, '"name": "Malice"'],
  ['device-names.json', 'usual', /"name": "Kitchen/, '"name": "Bath'],
  ['wraps.json', 'password', /"sha256": "/, '"sha256": "x'],
  ['recovery-codes.json', 'as-shown', /"code": "0/, '"code": "1'],
  ['opaque.json', 'record-at-the-server', /"exportKey": "/, '"exportKey": "x'],
  ['opaque.json', 'right-password', /"finishLoginRequest": "/, '"finishLoginRequest": "x'],
])('%s: detects another value in %s', async (name, id, from, to) => {
  const suite = readSuite(JSON.parse(read(name).replace(from, to)))
  const cases = suite?.cases.filter((one) => one.name === id) ?? []

  const { failures } = await runSuite({ cases, notes: [] })

  expect(failures).toHaveLength(1)
})
