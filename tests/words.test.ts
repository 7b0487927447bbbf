import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { runLingui } from '../scripts/run-lingui.ts'
import { bareWords } from './source/bare-words.ts'
import { physicalStyles } from './source/physical-styles.ts'
import { listFiles, repository } from './source/source-files.ts'

const ofWebApp = (end: RegExp) =>
  listFiles()
    .filter((path) => path.startsWith('apps/web/src/') && end.test(path))
    .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }))

const code = (text: string) => bareWords({ path: 'apps/web/src/ui/icons/tag.tsx', text })
const style = (text: string) => physicalStyles({ path: 'apps/web/src/ui/icons/tag.css', text })

test('the catalogs hold the words of the source: npm run words writes them', () => {
  expect(runLingui('check', 'sync')).toMatchObject({ isGood: true })
})

test('no language lacks a message', () => {
  expect(runLingui('check', 'missing')).toMatchObject({ isGood: true })
})

test('every text of the app is translatable', () => {
  const sources = ofWebApp(/\.tsx?$/)
  expect(sources.length).toBeGreaterThan(100)
  expect(sources.flatMap(bareWords)).toEqual([])
})

test.each([
  'const one = <p>Hello</p>',
  'const one = <p>Hello {name}</p>',
  'const one = <p title="Hello" />',
  'const one = <p aria-label="Say hello" />',
  "const one = <p>{isOn ? 'It is on' : 'It is off'}</p>",
  // biome-ignore lint/suspicious/noTemplateCurlyInString: source code in a string
  'const one = `Hello there, ${name}`',
  "const words = { what: 'This failed again' }",
])('untranslatable text is found: %s', (text) => {
  expect(code(text)).not.toEqual([])
})

test.each([
  'const one = <Trans>Hello <b>you</b></Trans>',
  'const one = <p title={t`Hello`} />',
  "const one = plural(count, { one: '# more day', other: '# more days' })",
  'const words = { what: msg`This failed` }',
  "throw new TypeError('This browser cannot draw pictures.')",
  'const one = <p className="visually-hidden" dir="auto" />',
  "import { one } from './one two.ts'",
])('a message is accepted: %s', (text) => {
  expect(code(text)).toEqual([])
})

test('no style has a left, a right or text', () => {
  const styles = ofWebApp(/\.css$/)
  expect(styles.length).toBeGreaterThan(30)
  expect(styles.flatMap(physicalStyles)).toEqual([])
})

test.each([
  'left: 0;',
  'margin-left: 4px;',
  'padding: 0 8px 0 16px;',
  'text-align: right;',
  'border-bottom: 1px solid;',
  'content: "show all";',
])('a physical style is found: %s', (line) => {
  expect(style(`.tag {\n  ${line}\n}`)).toHaveLength(1)
})

test.each(['inset-inline-start: 0;', 'padding: 0 8px 4px;', 'text-align: start;'])(
  'a logical style is accepted: %s',
  (line) => {
    expect(style(`.tag {\n  ${line}\n}`)).toEqual([])
  },
)
