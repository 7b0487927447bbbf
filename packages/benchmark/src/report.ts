import {
  type ContestantName,
  type Figure,
  isExtrapolated,
  type Operation,
  operations,
  titles,
  totalMs,
} from './plan.ts'

/** The environment of a measurement. */
export interface Environment {
  /** The browser or Node, with its version. */
  readonly runtime: string
  readonly cores: number
  /** The processor's name; browsers do not reveal it. */
  readonly cpu: string | null
  /** ISO 8601. */
  readonly date: string
}

/** Figures and their environment. */
export interface Report {
  readonly environment: Environment
  readonly figures: readonly Figure[]
}

/** The threshold for both layers of `ecdh`, with messages of 100 bytes. */
export const C1_BAR = 0.7
const C1_SIZE = 100

/** The speed of a layer of `ecdh` relative to bare WebCrypto; 1 = equally fast. */
export interface C1 {
  readonly contestant: ContestantName
  readonly operation: Operation
  readonly ratio: number
}

/** C1 from the largest measured count; empty if the reference was not measured. */
export function c1Of(figures: readonly Figure[]): C1[] {
  const layers: readonly ContestantName[] = ['ecdh-jwe', 'ecdh']
  return layers.flatMap((contestant) =>
    operations.flatMap((operation) => {
      const best = figures
        .filter((one) => one.size === C1_SIZE && one.contestant === contestant)
        .filter((one) => one.operation === operation)
        .reduce<Figure | undefined>(mostMeasured, undefined)
      return best?.ratio == null ? [] : [{ contestant, operation, ratio: best.ratio }]
    }),
  )
}

const mostMeasured = (best: Figure | undefined, one: Figure) =>
  best && best.measured >= one.measured ? best : one

/** Milliseconds in readable form. */
export function formatMs(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms >= 10_000 ? 0 : 1)} s`
  return `${ms.toFixed(ms >= 100 ? 0 : ms >= 10 ? 1 : 2)} ms`
}

/** A ratio with two significant digits. */
export const formatRatio = (ratio: number): string => ratio.toFixed(ratio < 0.1 ? 3 : 2)

/** The environment in one line. */
export const environmentLine = ({ runtime, cpu, cores, date }: Environment): string =>
  [runtime, cpu, `${cores} cores`, date].filter(Boolean).join(' · ')

const columns = [
  'what',
  'operation',
  'bytes',
  'messages',
  'measured',
  'microseconds per message',
  'milliseconds in all',
  'ratio to the reference',
] as const

const rowOf = (figure: Figure): readonly (string | number)[] => [
  titles[figure.contestant],
  figure.operation,
  figure.size,
  figure.count,
  figure.measured,
  figure.microseconds.toFixed(2),
  totalMs(figure).toFixed(2),
  figure.ratio === null ? '' : formatRatio(figure.ratio),
]

/** RFC 4180, with a header line. */
export function toCsv({ figures }: Report): string {
  const line = (cells: readonly (string | number)[]) =>
    cells.map((cell) => (/[",\n]/.test(String(cell)) ? `"${cell}"` : cell)).join(',')
  return [columns, ...figures.map(rowOf)].map(line).join('\r\n').concat('\r\n')
}

/** The complete report. */
export const toJson = (report: Report): string =>
  JSON.stringify({ ...report, c1: c1Of(report.figures) }, null, 2)

/** Readable tables, one for each size. A `~` marks extrapolated figures. */
export function toText({ environment, figures }: Report): string {
  const sizes = [...new Set(figures.map(({ size }) => size))]
  const tables = sizes.flatMap((size) => tableOf(figures.filter((one) => one.size === size)))
  const c1 = c1Of(figures).map(
    ({ contestant, operation, ratio }) =>
      `C1 (bar ${C1_BAR}) ${titles[contestant]}, ${operation}: ${ratio.toFixed(2)}`,
  )
  return [environmentLine(environment), ...tables, ...c1].join('\n')
}

function tableOf(figures: readonly Figure[]): string[] {
  const counts = [...new Set(figures.map(({ count }) => count))]
  const names = [...new Set(figures.map(({ contestant }) => contestant))]
  const head = ['', ...counts.map(String), 'µs each', 'ratio']
  const rows = operations.flatMap((operation) =>
    names.map((name) => {
      const cells = figures.filter((one) => one.contestant === name && one.operation === operation)
      const last = cells.at(-1)
      return [
        `${operation} ${titles[name]}`,
        ...cells.map((one) => `${isExtrapolated(one) ? '~' : ''}${formatMs(totalMs(one))}`),
        last?.microseconds.toFixed(1) ?? '',
        last?.ratio == null ? '' : formatRatio(last.ratio),
      ]
    }),
  )
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) => (i ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
      .join('  ')
  return [
    '',
    `${figures[0]?.size} bytes, messages one after the other`,
    line(head),
    ...rows.map(line),
    '',
  ]
}
