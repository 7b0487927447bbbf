import type { Health } from '@sotto/service-runtime'
import { z } from 'zod'

/** The answer of `status`. */
export const ClusterStatus = z.object({
  url: z.string(),
  dataFolder: z.string(),
  ports: z.record(
    z.string(),
    z.union([z.number(), z.object({ port: z.number(), internal: z.number() })]),
  ),
  parts: z.array(
    z.object({
      name: z.string(),
      port: z.number(),
      state: z.enum(['stopped', 'starting', 'running']),
      isReady: z.boolean(),
      pid: z.number().nullable(),
      restarts: z.number(),
      uptimeSeconds: z.number(),
    }),
  ),
})
export type ClusterStatus = z.infer<typeof ClusterStatus>

const headings = ['part', 'state', 'port', 'pid', 'restarts', 'up']

/** The state of each part as a text table. `health` is the gateway's report about all services. */
export function showStatus(
  { url, dataFolder, parts }: ClusterStatus,
  health: Health | null,
): string {
  const rows = parts.map(({ name, state, isReady, port, pid, restarts, uptimeSeconds }) => [
    name,
    state === 'running' ? (isReady ? 'ready' : 'not ready') : state,
    `${port}`,
    pid === null ? '-' : `${pid}`,
    `${restarts}`,
    pid === null ? '-' : duration(uptimeSeconds),
  ])
  const table = [headings, ...rows]
  const widths = headings.map((_, n) => Math.max(...table.map((row) => row[n]?.length ?? 0)))
  const lines = table.map((row) => row.map((cell, n) => cell.padEnd(widths[n] ?? 0)).join('  '))
  return [
    `${url}, data in ${dataFolder}`,
    summaryOf(health),
    '',
    ...lines.map((line) => line.trimEnd()),
  ].join('\n')
}

/** The most important information for the operator, in one line. */
function summaryOf(health: Health | null): string {
  if (health === null) return 'Sotto cannot be reached: the gateway does not answer.'
  if (health.status === 'ok') return 'Everything is healthy.'
  const ill = Object.entries(health.parts).filter(([, { status }]) => status !== 'ok')
  const names = ill.map(([name, { detail }]) => (detail ? `${name} (${detail})` : name))
  return `Unhealthy: ${names.join(', ')}.`
}

/** In the two largest units: `3 d 4 h`. */
function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3_600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'min'],
    [seconds % 60, 's'],
  ] as const
  const first = parts.findIndex(([count]) => count > 0)
  const shown = first < 0 ? parts.slice(-1) : parts.slice(first, first + 2)
  return shown.map(([count, unit]) => `${count} ${unit}`).join(' ')
}
