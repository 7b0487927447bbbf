import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { repository } from '../../tests/source/source-files.ts'
import { type Manifest, renderChart } from './chart/render-chart.ts'

const manifests = renderChart(join(repository, 'deploy/helm/sotto'), {
  publicUrl: 'https://chat.example.org',
  signUp: 'invitation',
  trustedProxies: ['10.0.0.0/8'],
  image: { pullSecrets: ['registry'] },
  monitoring: { enabled: true, labels: { release: 'prometheus' } },
})

/**
 * TypeScript's verdict on the manifests as values of types that are generated from Kubernetes' own
 * API description: unknown fields, missing fields, wrong types.
 */
function compile(all: readonly Manifest[]): string {
  const cache = join(repository, 'node_modules/.cache/sotto')
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(join(cache, 'manifests-'))
  try {
    writeFileSync(join(folder, 'manifests.ts'), all.map(declare).join('\n'))
    const compiler = join(repository, 'node_modules/typescript/bin/tsc')
    const options = [
      '--ignoreConfig',
      '--noEmit',
      '--strict',
      '--skipLibCheck',
      '--module',
      'nodenext',
      '--types',
      '',
    ]
    execFileSync(process.execPath, [compiler, ...options, join(folder, 'manifests.ts')], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return ''
  } catch (error) {
    return String((error as { stdout?: string }).stdout)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function declare(manifest: Manifest, index: number): string {
  const isOperator = manifest.apiVersion.startsWith('monitoring.')
  const module = isOperator
    ? `@kubernetes-models/prometheus-operator/${manifest.apiVersion}`
    : `kubernetes-models/${manifest.apiVersion}`
  return [
    `import type { I${manifest.kind} as Type${index} } from '${module}'`,
    `export const manifest${index}: Type${index} = ${JSON.stringify(manifest, null, 1)}`,
  ].join('\n')
}

test('the chart produces valid Kubernetes objects', () => {
  expect(manifests.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining([
      'Deployment',
      'StatefulSet',
      'Service',
      'Ingress',
      'Job',
      'HorizontalPodAutoscaler',
      'PodDisruptionBudget',
      'NetworkPolicy',
      'ServiceMonitor',
      'PrometheusRule',
    ]),
  )
  expect(compile(manifests)).toBe('')
})

test('finds unknown and missing fields', () => {
  const [job] = manifests.filter(({ kind }) => kind === 'Job')
  const [deployment] = manifests.filter(({ kind }) => kind === 'Deployment')
  const { selector: _, ...withoutSelector } = (deployment?.spec ?? {}) as Record<string, unknown>
  const broken = [
    { ...job, spec: { ...(job?.spec as object), backOffLimit: 6 } },
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec: withoutSelector },
  ] as Manifest[]
  const told = compile(broken)
  expect(told).toContain('backOffLimit')
  expect(told).toContain('selector')
})
