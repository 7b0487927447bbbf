import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'
import { listFiles, repository } from '../source/source-files.ts'

const files = listFiles()
const documents = files
  .filter((path) => path.endsWith('.md') && !path.includes('/vectors/'))
  .map((path) => ({ path, text: readFileSync(join(repository, path), 'utf8') }))

const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
const topFolders = 'apps|bench|deploy|docs|gateway|packages|patches|scripts|services|tests'

/** npm commands in a document that `package.json` does not have. */
function unknownCommands(text: string): string[] {
  const named = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)
  return named.filter((name) => !(name in scripts)).map((name) => `npm run ${name}`)
}

/** Paths in a document, relative to the repository root, that do not exist. */
function missingPaths(text: string): string[] {
  const named = text.matchAll(new RegExp(`(?<![\\w/.@-])(?:${topFolders})/[\\w./+-]*[\\w/]`, 'g'))
  return (
    [...named]
      // A pattern, or the beginning of one, is not a path.
      .filter(({ index, 0: path }) => !/^[*{[<…]/.test(text.slice(index + path.length)))
      .map(([path]) => path.replace(/\/$/, ''))
      .filter((path) => !madeLater.test(path) && !existsSync(join(repository, path)))
  )
}

/** File names in a document that no file has, for paths that are not relative to the repository root. */
function unknownFiles(text: string): string[] {
  const named = text.matchAll(/`((?:[\w.-]+\/)*[\w.-]+\.(?:tsx?|mjs|sql|ya?ml|html|css))`/g)
  return [...named]
    .map(([, name = '']) => name)
    .filter((name) => !files.some((path) => path === name || path.endsWith(`/${name}`)))
}

/** Created by one of our commands. */
const madeLater = /^(apps\/web\/dist|deploy\/secrets|deploy\/\.env|.*\/node_modules)(\/|$)/

/** Links to missing files. */
function deadLinks({ path, text }: { path: string; text: string }): string[] {
  return [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)[^)]*\)/g)]
    .map(([, target = '']) => normalize(join(dirname(path), target)))
    .filter((target) => !existsSync(join(repository, target)))
    .map((target) => `${path} links to ${target}`)
}

test('every npm command in a document exists', () => {
  const all = documents.flatMap(({ path, text }) =>
    unknownCommands(text).map((command) => `${path}: ${command}`),
  )
  expect(all).toEqual([])
  expect(unknownCommands('Run `npm run buidl`.')).toEqual(['npm run buidl'])
})

test('every path in a document exists', () => {
  const all = documents.flatMap(({ path, text }) =>
    missingPaths(text).map((missing) => `${path}: ${missing}`),
  )
  expect(all).toEqual([])
  expect(missingPaths('See `services/chat/src/mian.ts`.')).toEqual(['services/chat/src/mian.ts'])
})

test('every file name in a document exists', () => {
  const all = documents.flatMap(({ path, text }) =>
    unknownFiles(text).map((unknown) => `${path}: ${unknown}`),
  )
  expect(all).toEqual([])
  expect(unknownFiles('See `sending/outbox.ts` and `outbocks.ts`.')).toEqual(['outbocks.ts'])
})

test('every link in a document leads to a file', () => {
  expect(documents.length).toBeGreaterThan(15)
  expect(documents.flatMap(deadLinks)).toEqual([])
  expect(deadLinks({ path: 'docs/a.md', text: '[x](b.md)' })).toEqual([
    'docs/a.md links to docs/b.md',
  ])
})
