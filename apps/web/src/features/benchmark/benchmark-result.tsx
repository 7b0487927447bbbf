import { type Figure, isExtrapolated, REFERENCE, titles } from '@sotto/benchmark/plan'
import { environmentLine, type Report, toCsv, toJson, toText } from '@sotto/benchmark/report'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Actions } from '../../ui/form.tsx'
import styles from './benchmark.module.css'
import { FiguresTable } from './figures-table.tsx'
import { SpeedChart } from './speed-chart.tsx'

/** Chart, tables, and the figures to take along. */
export function BenchmarkResult({ report }: { report: Report }) {
  const { environment, figures } = report
  const counts = [...new Set(figures.map(({ count }) => count))]
  const most = Math.max(...counts)
  return (
    <section className={styles.result} aria-label="Figures">
      <SpeedChart figures={figures.filter(({ count }) => count === most)} />
      {counts.toReversed().map((count) => (
        <details key={count} open={count === most} className={styles.count}>
          <summary>{count.toLocaleString('en')} messages, one after the other</summary>
          <FiguresTable figures={figures.filter((one) => one.count === count)} />
        </details>
      ))}
      <p className={styles.quiet}>
        × compares with “{titles[REFERENCE]}”: the browser’s own functions with nothing around them.
        × 0.50 takes twice as long.{' '}
        {figures.some(isExtrapolated) && '~ was calculated from fewer messages. '}
        {sizeOf(figures)} bytes each, median of the rounds.
      </p>
      <p className={styles.quiet}>{environmentLine(environment)}</p>
      <Actions>
        <CopyButton label="Copy as text" text={toText(report)} />
        <CopyButton label="Copy as CSV" text={toCsv(report)} />
        <CopyButton label="Copy as JSON" text={toJson(report)} />
      </Actions>
    </section>
  )
}

const sizeOf = ([first]: readonly Figure[]) => first?.size
