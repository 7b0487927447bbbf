import type { Manifest } from './render-chart.ts'

/** The parts of a pod that the tests check. */
export interface PodSpec {
  containers: Container[]
  volumes?: { secret?: { items: { key: string; path: string }[] } }[]
  securityContext?: object
  automountServiceAccountToken?: boolean
  terminationGracePeriodSeconds?: number
}

interface Container {
  command?: string[]
  env?: { name: string; value: string }[]
  ports?: { containerPort: number }[]
  securityContext?: object
  resources?: object
  startupProbe?: Probe
  readinessProbe?: Probe
  livenessProbe?: Probe
}

interface Probe {
  httpGet: { path: string; port: string }
}

/** The pods that the manifests create, by the name of their controller. */
export function podsOf(manifests: readonly Manifest[]): { name: string; spec: PodSpec }[] {
  return manifests.flatMap(({ metadata, spec }) => {
    const { template } = (spec ?? {}) as { template?: { spec: PodSpec } }
    return template === undefined ? [] : [{ name: metadata.name, spec: template.spec }]
  })
}

export const containersOf = (spec: PodSpec | undefined): Container[] => spec?.containers ?? []

export const environmentOf = ({ env = [] }: Container): Record<string, string> =>
  Object.fromEntries(env.map(({ name, value }) => [name, value]))
