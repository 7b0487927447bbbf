import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { repository } from '../../tests/source/source-files.ts'
import { readCompose } from './compose-file.ts'

const read = (path: string) => readFileSync(join(repository, path), 'utf8')

interface Rule {
  alert: string
  expr: string
  annotations: { summary: string }
}
interface Panel {
  title: string
  targets: { expr: string; legendFormat: string }[]
}

const rules: Rule[] = parse(read('deploy/prometheus/alerts.yml')).groups.flatMap(
  ({ rules }: { rules: Rule[] }) => rules,
)
const panels: Panel[] = JSON.parse(read('deploy/grafana/sotto.json')).panels
const expressions = [
  ...rules.map(({ expr }) => expr),
  ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
]

/** A metric of docs/metrics.md. */
interface Metric {
  kind: string
  labels: string[]
}

function readMetrics(text: string): Map<string, Metric> {
  const rows = [...text.matchAll(/^\| `(?<name>\w+)` \| (?<kind>\w+) \|(?<labels>[^|]*)\|/gm)]
  return new Map(
    rows.map(({ groups = {} }) => {
      const names = [...(groups.labels ?? '').matchAll(/`(\w+)`/g)].map(([, name = '']) => name)
      return [groups.name ?? '', { kind: groups.kind ?? '', labels: names }]
    }),
  )
}

const metrics = readMetrics(read('docs/metrics.md'))
/** Labels that Prometheus itself adds. */
const ofPrometheus = ['job', 'instance', 'le']

/** The names in an expression that no service reports. */
function strangersIn(expression: string): string[] {
  const names = expression.match(/\b(?:sotto|process|nodejs)_\w+/g) ?? []
  const known = names.map((name) => {
    const stem = name.replace(/_(bucket|sum|count)$/, '')
    const metric = metrics.get(name) ?? metrics.get(stem)
    const fits = metric !== undefined && (metrics.has(name) || metric.kind === 'histogram')
    return { name, metric: fits ? metric : undefined }
  })
  const labels = known.flatMap(({ metric }) => metric?.labels ?? [])
  const used = [
    ...[...expression.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list = '']) => list.split(/,\s*/)),
    ...[...expression.matchAll(/[{,]\s*(\w+)\s*=~?"/g)].map(([, label = '']) => label),
  ]
  return [
    ...known.filter(({ metric }) => metric === undefined).map(({ name }) => name),
    ...used.filter((label) => ![...ofPrometheus, ...labels].includes(label)),
  ]
}

test('alerts and dashboard use existing metrics and labels', () => {
  expect(metrics.size).toBeGreaterThan(15)
  expect(expressions.length).toBeGreaterThan(30)
  expect(expressions.flatMap(strangersIn)).toEqual([])
})

test.each([
  'sum(rate(sotto_envelope_total[5m]))',
  'sum by (service) (sotto_connections)',
  'rate(sotto_codes_total{result="failed"}[5m])',
  'rate(sotto_connections_bucket[5m])',
])('finds a typo: %s', (expression) => {
  expect(strangersIn(expression)).not.toEqual([])
})

test('the dashboard shows all of our own metrics', () => {
  const shown = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)).join('\n')
  const own = [...metrics.keys()].filter((name) => name.startsWith('sotto_'))
  expect(own.filter((name) => !shown.includes(name))).toEqual([])
})

test("the operator's guide says what to do about every alert", () => {
  const guide = read('docs/operating.md')
  expect(rules.map(({ alert }) => alert).filter((name) => !guide.includes(`**${name}**`))).toEqual(
    [],
  )
})

test('the chart contains the same alerts', () => {
  expect(read('deploy/helm/sotto/alerts.yml')).toBe(read('deploy/prometheus/alerts.yml'))
})

test('Prometheus scrapes the internal ports of the services in Compose', () => {
  const { services } = readCompose()
  const { scrape_configs } = parse(read('deploy/prometheus/prometheus.yml')) as {
    scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[]
  }
  const asked = scrape_configs.flatMap((one) =>
    one.static_configs.flatMap(({ targets }) => targets),
  )
  const internal = Object.entries(services).flatMap(([name, { environment = {} }]) => {
    const port = environment.INTERNAL_PORT
    return port === undefined ? [] : [`${name}:${port}`]
  })
  expect(asked.sort()).toEqual(internal.sort())
  expect(existsSync(join(repository, 'deploy/prometheus/alerts.yml'))).toBe(true)
})
