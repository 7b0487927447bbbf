import { readFile, writeFile } from 'node:fs/promises'
import { isNickname } from '@sotto/wire'

/**
 * Makes `src/look-alikes/confusables.ts` from Unicode's table of look-alikes:
 * node packages/sdk/scripts/make-confusables.ts confusables.txt
 *
 * The file is https://www.unicode.org/Public/17.0.0/security/confusables.txt (UTS #39).
 */
const [path] = process.argv.slice(2)
if (path === undefined) throw new Error('Which file? See the top of this script.')
const text = await readFile(path, 'utf8')
const version = /^# Version: ([\d.]+)/m.exec(text)?.[1]

const sources = new Map<string, number[]>()
for (const [, from = '', to = ''] of text.matchAll(/^([0-9A-F]+) ;\t([0-9A-F ]+) ;\tMA/gm)) {
  const source = Number.parseInt(from, 16)
  const target = String.fromCodePoint(...to.split(' ').map((code) => Number.parseInt(code, 16)))
  if (!isNeeded(String.fromCodePoint(source), target)) continue
  sources.set(target, [...(sources.get(target) ?? []), source])
}

/** Names are compared by letters and digits only, and some code points are in no name. */
function isNeeded(source: string, target: string): boolean {
  const isStable = source.normalize('NFKC') === source && source.normalize('NFD') === source
  return isStable && isNickname(`a${source}a`) && /[\p{L}\p{N}]/u.test(target)
}

/** Numbers to the base of 36: the target's code points, then each source as its distance to the one before. */
const entries = [...sources].map(([target, codes]) => {
  const distances = codes
    .sort((one, other) => one - other)
    .map((code, at) => (code - (codes[at - 1] ?? 0)).toString(36))
  const points = [...target].map((character) => character.codePointAt(0)?.toString(36))
  return `${points.join('.')}:${distances.join(',')}`
})

const lines = entries.join(';').match(/.{1,100}/g) ?? []
await writeFile(
  new URL('../src/contacts/look-alikes/confusables.ts', import.meta.url),
  `// Made by packages/sdk/scripts/make-confusables.ts from confusables.txt of Unicode ${version}.
// Copyright 1991-2025 Unicode, Inc., Unicode License V3: https://www.unicode.org/license.txt

/** "target:source,source;…": code points that look like the target, in the form that the script describes. */
export const CONFUSABLES = \`
${lines.join('\n')}\`
`,
)
