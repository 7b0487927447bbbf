import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments } from 'yaml'
import { type Node, parseTemplate } from './parse-template.ts'
import { runTemplate } from './run-template.ts'

/** A Kubernetes object, with the fields that all kinds share. */
export interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; labels?: Record<string, string>; annotations?: Record<string, string> }
  spec?: unknown
}

export type Values = Record<string, unknown>

/** Merges values over the chart's own, map by map, like `helm install -f`. */
function mergeValues(base: Values, over: Values): Values {
  const merged = Object.entries(over).map(([name, value]) => {
    const below = base[name]
    return [name, isMap(below) && isMap(value) ? mergeValues(below, value) : value]
  })
  return { ...base, ...Object.fromEntries(merged) }
}

const isMap = (value: unknown): value is Values =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

export function readYaml(file: string): Values {
  return parse(readFileSync(file, 'utf8'))
}

/**
 * All objects of the chart in `folder`, for a release named `release` with `values` over its own.
 */
export function renderChart(folder: string, values: Values, release = 'sotto'): Manifest[] {
  const chart = readYaml(join(folder, 'Chart.yaml'))
  const templates = readTemplates(join(folder, 'templates'))
  const definitions = new Map<string, Node[]>()
  for (const { nodes } of templates) {
    for (const node of nodes) if (node.kind === 'define') definitions.set(node.name, node.body)
  }
  const dot = {
    Values: mergeValues(readYaml(join(folder, 'values.yaml')), values),
    Release: { Name: release, Namespace: 'chat', Service: 'Helm' },
    Files: (name: string) => readFileSync(join(folder, name), 'utf8'),
    Chart: { Name: chart.name, Version: chart.version, AppVersion: chart.appVersion },
  }
  return templates.flatMap(({ name, nodes }) => {
    try {
      return readManifests(runTemplate(nodes, definitions, dot))
    } catch (cause) {
      throw new Error(`${name}: ${cause instanceof Error ? cause.message : cause}`, { cause })
    }
  })
}

function readTemplates(folder: string): { name: string; nodes: Node[] }[] {
  return readdirSync(folder)
    .filter((name) => /\.(yaml|tpl)$/.test(name))
    .map((name) => ({ name, nodes: parseTemplate(readFileSync(join(folder, name), 'utf8')) }))
}

function readManifests(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors
    if (error) throw error
    const manifest: unknown = document.toJS()
    return manifest === null ? [] : [manifest as Manifest]
  })
}
