import { dirname, join, normalize } from 'node:path'
import type { SourceFile } from './source-files.ts'

/** One import of one file, as written and as resolved. */
export interface Import {
  from: string
  /** As written: `./ids.ts`, `@sotto/wire`, `node:fs`. */
  specifier: string
  /** The package's name; undefined for a file of ours that is imported by path. */
  package: string | undefined
  /** The file, for a relative import. */
  file: string | undefined
  /** `import type`: erased at run time. */
  isType: boolean
}

// Static and dynamic imports, re-exports, `require`, and URLs of files that are loaded later
// (workers, migrations). Types count, because they are dependencies too.
const patterns = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])(?<specifier>[^'"\n]+)\1/gm,
  /^\s*import\s*(['"])(?<specifier>[^'"\n]+)\1/gm,
  /\b(?:import|require|import\.meta\.resolve)\s*\(\s*(['"`])(?<specifier>[^'"`\n]+)\1/g,
  /\bnew URL\(\s*(['"`])(?<specifier>[^'"`\n]+\.\w+)\1\s*,\s*import\.meta\.url/g,
]

/** All imports of a file, without comments. Anything that looks like an import counts as one. */
export function scanImports({ path, text }: SourceFile): Import[] {
  const code = text.replaceAll(/^\s*(\/\/|\*|\/\*).*$/gm, '')
  const found = patterns.flatMap((pattern) => [...code.matchAll(pattern)])
  return found.map((match) => {
    const specifier = (match.groups?.specifier ?? '').replace(/\?.*$/, '')
    const isFile = specifier.startsWith('.') || match[0].startsWith('new URL')
    return {
      from: path,
      specifier,
      package: isFile ? undefined : packageOf(specifier),
      file: isFile ? normalize(join(dirname(path), specifier)) : undefined,
      isType: /^\s*(import|export) type\b/.test(match[0]),
    }
  })
}

function packageOf(specifier: string): string {
  const [first = '', second = ''] = specifier.split('/')
  if (specifier.startsWith('node:')) return specifier
  return first.startsWith('@') ? `${first}/${second}` : first
}

/** The cycles among relative imports that exist at run time, each as a list of files. */
export function findCycles(imports: readonly Import[]): string[][] {
  const next = new Map<string, string[]>()
  for (const { from, file, isType } of imports) {
    if (file !== undefined && !isType) next.set(from, [...(next.get(from) ?? []), file])
  }
  return cyclesIn(next)
}

/**
 * The cycles among the folders of each workspace, including types. A file at the root of a
 * workspace counts as a separate folder: it is an entry point, or the folders depend on it.
 */
export function findFolderCycles(imports: readonly Import[]): string[][] {
  const next = new Map<string, Set<string>>()
  for (const { from, file } of imports) {
    const root = rootOf(from)
    if (file === undefined || root === undefined || root !== rootOf(file)) continue
    const [here, there] = [placeOf(from, root), placeOf(file, root)]
    if (here !== there) next.set(here, (next.get(here) ?? new Set()).add(there))
  }
  return cyclesIn(next)
}

function rootOf(path: string): string | undefined {
  return /^(apps|packages|services)\/[^/]+\/src(?=\/)/.exec(path)?.[0]
}

function placeOf(path: string, root: string): string {
  return dirname(path) === root ? path : dirname(path)
}

/** The cycles of a graph, each as a list of nodes with the first one repeated at the end. */
function cyclesIn(next: ReadonlyMap<string, Iterable<string>>): string[][] {
  const finished = new Set<string>()
  const cycles: string[][] = []

  function visit(node: string, trail: string[]) {
    const start = trail.indexOf(node)
    if (start >= 0) return void cycles.push([...trail.slice(start), node])
    if (finished.has(node)) return
    for (const target of next.get(node) ?? []) visit(target, [...trail, node])
    finished.add(node)
  }
  for (const node of next.keys()) visit(node, [])
  return cycles
}
