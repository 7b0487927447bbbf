import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { oldestBrowsers } from '../../apps/web/browsers.ts'

test.each(['README.md', 'docs/browsers.md', 'apps/web/index.html', 'CHANGELOG.md'])(
  '%s names the actual oldest supported browsers',
  (path) => {
    const text = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')
    const { chrome, edge, firefox, safari } = oldestBrowsers
    expect(edge).toBe(chrome)
    expect(text).toMatch(new RegExp(`Chrome (?:and|or) Edge ${chrome}\\b`))
    expect(text).toMatch(new RegExp(`Firefox ${firefox}\\b`))
    expect(text).toMatch(new RegExp(`Safari ${safari}(?!\\d)`))
  },
)
