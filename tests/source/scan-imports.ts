import { dirname, join, normalize } from 'node:path'
import type { SourceFile } from './source-files.ts'

/** One import of one file: what is written, and what it means. */
export interface Import {
  from: string
  /** As written: `./ids.ts`, `@sotto/wire`, `node:fs`. */
  specifier: string
  /** The package's name, or undefined for a file of our own that is named by its path. */
  package: string | undefined
  /** The file, for a relative import. */
  file: string | undefined
  /** `import type`: gone at run time. */
  isType: boolean
}

// Static and dynamic imports, re-exports, `require`, and addresses of files that are loaded later
// (workers, migrations). Types count: a type is knowledge too.
const patterns = [
  /^\s*(?:import|export)\b[^'"`;]*?\bfrom\s*(['"])(?<specifier>[^'"\n]+)\1/gm,
  /^\s*import\s*(['"])(?<specifier>[^'"\n]+)\1/gm,
  /\b(?:import|require|import\.meta\.resolve)\s*\(\s*(['"`])(?<specifier>[^'"`\n]+)\1/g,
  /\bnew URL\(\s*(['"`])(?<specifier>[^'"`\n]+\.\w+)\1\s*,\s*import\.meta\.url/g,
]

/** All imports of a file. Lines of comments are left out; what looks like an import counts as one. */
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

/** The circles among relative imports that are there at run time, each as the list of its files. */
export function findCycles(imports: readonly Import[]): string[][] {
  const next = new Map<string, string[]>()
  for (const { from, file, isType } of imports) {
    if (file !== undefined && !isType) next.set(from, [...(next.get(from) ?? []), file])
  }
  return cyclesIn(next)
}

/**
 * The circles among the folders of each workspace, types included. A file at the root of a workspace counts as
 * a folder of its own: it is an entry, or what the folders rest on.
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

/** The circles of a graph, each as the list of its nodes, the first one again at the end. */
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
