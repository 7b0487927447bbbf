import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const root = new URL('../../', import.meta.url)
const read = (path: string) => readFileSync(new URL(path, root), 'utf8')

const catalogs = ['start', 'inside'].map((name) =>
  read(`apps/web/src/words/catalogs/en/${name}.po`),
)
const isInApp = (words: string) => catalogs.some((text) => text.includes(`msgid "${words}"`))

/** Buttons in bold, and pages of the settings in italics. */
function wordsOfApp(text: string): string[] {
  const buttons = text.matchAll(/\*\*([A-Z][\w’ ]+)\*\*/g)
  const settings = text.matchAll(/Settings,\s+\*([^*]+)\*/g)
  return [...buttons, ...settings].map(([, words = '']) => words.replaceAll(/\s+/g, ' '))
}

test('README.md names the buttons of the first conversation as the app does', () => {
  const [, section = ''] = read('README.md').split('\n## Your first conversation\n')
  const [steps = ''] = section.split('\n## ')

  expect(wordsOfApp(steps).length).toBeGreaterThan(4)
  expect(wordsOfApp(steps).filter((words) => !isInApp(words))).toEqual([])
})

test.each(['README.md', 'docs/operating.md', 'docs/limits.md', 'CHANGELOG.md'])(
  '%s names pages of the settings as the app does',
  (path) => {
    const pages = wordsOfApp(read(path).replaceAll('**', ''))
    expect(pages.length).toBeGreaterThan(0)
    expect(pages.filter((words) => !isInApp(words))).toEqual([])
  },
)
