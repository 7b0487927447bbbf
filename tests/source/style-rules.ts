import { basename, dirname } from 'node:path'
import type { SourceFile } from './source-files.ts'

const MAX_LINES = 300
const MAX_FILES = 20
/** Names without meaning: a function that would go there needs a file with its own name. */
const emptyNames = /^(utils?|helpers?|common|shared|misc|lib|manager|handler|processor|stuff)$/

/** The problems with the name of a source file. */
export function badName(path: string): string[] {
  const [stem = ''] = basename(path).split('.')
  const folders = path.split('/').slice(0, -1)
  const names = [...folders, stem]
  return [
    ...(/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem) ? [] : [`${path}: not kebab-case`]),
    ...names.filter((name) => emptyNames.test(name)).map((name) => `${path}: ${name} says nothing`),
  ]
}

export function tooLong({ path, text }: SourceFile): string[] {
  const lines = text.trimEnd().split('\n').length
  return lines > MAX_LINES ? [`${path}: ${lines} lines`] : []
}

/** Folders with more source files than anyone can take in at a glance. */
export function crowdedFolders(paths: readonly string[]): string[] {
  const files = paths.filter((path) => /\.(ts|tsx|mjs|js|css)$/.test(path))
  const folders = Object.entries(Object.groupBy(files, (path) => dirname(path)))
  return folders
    .filter(([, inFolder = []]) => inFolder.length > MAX_FILES)
    .map(([folder, inFolder = []]) => `${folder}: ${inFolder.length} files`)
}

// Written so that this line does not match itself.
const marker = /\b(TO[D]O|FIX[M]E)\b/

export function unfinished({ path, text }: SourceFile): string[] {
  return linesThat(marker, { path, text })
}

/** Tests that do not run, or prevent others from running. */
export function notRun({ path, text }: SourceFile): string[] {
  if (!/\.test\.tsx?$/.test(path)) return []
  return linesThat(
    /\b(test|it|describe|suite)(\.\w+)*\.(skip|only|todo|fixme|fails|skipIf|runIf)\b/,
    {
      path,
      text,
    },
  )
}

/** Test waits with their own time limit, which a busy machine may exceed. */
export function impatient({ path, text }: SourceFile): string[] {
  if (!/(^|\/)tests\/|\.test\.tsx?$/.test(path) || path.endsWith('vitest.config.ts')) return []
  // vitest's own wait fails after a second; a poll and a test use the common limit.
  return linesThat(
    /\bvi\.wait(Until|For)\(|\btest\.setTimeout\(|\btest[T]imeout: |\.poll\(.*\btimeout: |^\}, [\d_]+\)$/,
    {
      path,
      text,
    },
  )
}

const statement = '(select|insert into|update|delete from|create|alter|drop|grant|truncate)\\b'

/** Files that pass trusted text to `unsafe`, with the reason. */
const unsafeIsSafe: Readonly<Record<string, string>> = {
  'packages/local-postgres/tests/prepare-database.test.ts': 'a list of constants, tried one by one',
  'services/chat/tests/envelopes/envelopes-by-hash.test.ts': 'explain takes no parameters',
  'packages/service-runtime/src/database/migrate.ts': 'migrations are files of this repository',
  'packages/service-runtime/src/limits/rate-limits.ts':
    'statements of a library, values as parameters',
}

/**
 * SQL that is assembled from text. Values belong in tagged templates, which turn them into
 * parameters. The only way around is `unsafe`, which may only be called with a constant.
 */
export function unsafeSql({ path, text }: SourceFile): string[] {
  const patterns = [
    ...(path in unsafeIsSafe ? [] : [/\.unsafe\(\s*(?!'[^']*'\s*[,)]|`[^`$]*`\s*[,)])/gi]),
    // 'select …' + name
    new RegExp(`(['"\`])\\s*${statement}[^'"\`\\n]*\\1\\s*\\+`, 'gi'),
    // An untagged template with a value in it.
    new RegExp(`(?<![\\w>)\\]])\`\\s*${statement}[^\`]*\\$\\{`, 'gi'),
  ]
  return patterns
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map(({ index }) => `${path}:${lineOf(text, index)}`)
}

const lineOf = (text: string, index: number) => text.slice(0, index).split('\n').length

function linesThat(pattern: RegExp, { path, text }: SourceFile): string[] {
  return text
    .split('\n')
    .map((line, index) => ({ line, number: index + 1 }))
    .filter(({ line }) => pattern.test(line))
    .map(({ line, number }) => `${path}:${number}: ${line.trim()}`)
}
