import { execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'acorn'
import { beforeAll, expect, test } from 'vitest'
import { allowed } from './allowed.ts'
import { membersOf, newerFeatures } from './scan-script.ts'
import { newerStyles } from './scan-styles.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const assets = join(root, 'apps/web/dist/assets')

beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build-web.ts', '--if-changed'], { cwd: root })
})

/** The newer features that the files of one kind use without permission, with the file. */
async function usedIn(end: '.js' | '.css'): Promise<string[]> {
  const names = (await readdir(assets)).filter((name) => name.endsWith(end))
  const files = await Promise.all(names.map((name) => readFile(join(assets, name), 'utf8')))
  const own = new Set(end === '.js' ? files.flatMap((code) => [...membersOf(code)]) : [])
  const scan = (code: string) => (end === '.js' ? newerFeatures(code, own) : newerStyles(code))
  const used: string[] = []
  for (const [n, name] of names.entries()) {
    for (const feature of scan(files[n] ?? '')) {
      const isAllowed = allowed.some((one) => one.feature === feature.name && one.in.test(name))
      if (!isAllowed) used.push(`${name}: ${feature.name}, not in ${feature.lackedBy.join(', ')}`)
    }
  }
  return used
}

test('the built scripts run in the oldest supported browsers', async () => {
  expect(await usedIn('.js')).toEqual([])
})

test('so do the style sheets', async () => {
  expect(await usedIn('.css')).toEqual([])
})

test('our own code only uses types that these browsers support', () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc')
  const project = join(root, 'tests/browsers/tsconfig.json')
  expect(() => execFileSync(process.execPath, [tsc, '--noEmit', '-p', project])).not.toThrow()
})

test('every browser can read the fallback page', async () => {
  const code = await readFile(join(root, 'apps/web/dist/before-start.js'), 'utf8')
  expect(() => parse(code, { ecmaVersion: 5 })).not.toThrow()
  expect(() => parse('let a', { ecmaVersion: 5 })).toThrow(SyntaxError)
})

test.each([
  ['URL.parse("x:")', 'URL.parse'],
  ['globalThis.URL.canParse("x:")', 'URL.canParse'],
  ['Promise.withResolvers()', 'Promise.withResolvers'],
  ['Object.groupBy([], f)', 'Object.groupBy'],
  ['const { groupBy } = Map', 'Map.groupBy'],
  ['function f(set, other) { return set.isSubsetOf(other) }', 'Set.isSubsetOf'],
  ['"text"["isWellFormed"]()', 'String.isWellFormed'],
  ['new Intl.Segmenter()', 'Intl.Segmenter'],
  ['AbortSignal.any([])', 'AbortSignal.any'],
  ['document.startViewTransition(f)', 'document.startViewTransition'],
  ['element.showPopover()', 'HTMLElement.showPopover'],
  ['requestIdleCallback(f)', 'requestIdleCallback'],
  ['navigator.userAgentData', 'navigator.userAgentData'],
  ['new RegExp("a", "v")', 'RegExp flag v'],
  ['new Float16Array(1)', 'Float16Array'],
])('detects %s', (code, name) => {
  expect(newerFeatures(code).map((feature) => feature.name)).toContain(name)
})

test.each(['/[a--b]/v', 'using a = b', '/(?i:a)/', 'import a from "a" with { type: "json" }'])(
  'rejects the syntax %s',
  (code) => {
    expect(() => newerFeatures(code)).toThrow(SyntaxError)
  },
)

test.each([
  'const { promise } = deferred(); promise.then(f)',
  '[1].toSorted().at(-1).with(0, 1)',
  'function URL() {} URL.parse()',
  'structuredClone(crypto.randomUUID())',
  'navigator.locks.request("a", f)',
])('accepts %s', (code) => {
  expect(newerFeatures(code)).toEqual([])
})

test.each([
  ['a{color:light-dark(red,blue)}', 'light-dark()'],
  ['a:has(b){color:red}', 'selector :has'],
  ['a{field-sizing:content}', 'property field-sizing'],
  ['@starting-style{a{opacity:0}}', '@starting-style'],
])('detects %s in a style sheet', (css, name) => {
  expect(newerStyles(css).map((feature) => feature.name)).toContain(name)
})
