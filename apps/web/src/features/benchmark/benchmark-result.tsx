import { t } from '@lingui/core/macro'
import { Plural, Trans } from '@lingui/react/macro'
import { type Figure, isExtrapolated, REFERENCE } from '@sotto/benchmark/plan'
import { type Report, toCsv, toJson, toText } from '@sotto/benchmark/report'
import { CopyButton } from '../../ui/buttons/copy-button.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import styles from './benchmark.module.css'
import { environmentWords, titleOf } from './figure-words.ts'
import { FiguresTable } from './figures-table.tsx'
import { SpeedChart } from './speed-chart.tsx'

/** Chart, tables, and the figures to download or copy. */
export function BenchmarkResult({ report }: { report: Report }) {
  const { environment, figures } = report
  const counts = [...new Set(figures.map(({ count }) => count))]
  const most = Math.max(...counts)
  const size = sizeOf(figures)
  const reference = titleOf(REFERENCE)
  return (
    <section className={styles.result} aria-label={t`Figures`}>
      <SpeedChart figures={figures.filter(({ count }) => count === most)} />
      {counts.toReversed().map((count) => (
        <details key={count} open={count === most} className={styles.count}>
          <summary>
            <Plural
              value={count}
              one="# message, one after another"
              other="# messages, one after another"
            />
          </summary>
          <FiguresTable figures={figures.filter((one) => one.count === count)} />
        </details>
      ))}
      <p className={styles.quiet}>
        <Trans>
          × compares with “{reference}”, the browser’s own functions with nothing around them. ×
          0.50 takes twice as long.
        </Trans>{' '}
        {figures.some(isExtrapolated) && (
          <>
            <Trans>~ was calculated from fewer messages.</Trans>{' '}
          </>
        )}
        <Trans>{size} bytes each, median of the rounds.</Trans>
      </p>
      <p className={styles.quiet}>{environmentWords(environment)}</p>
      <Actions>
        <CopyButton label={t`Copy as text`} text={toText(report)} />
        <CopyButton label={t`Copy as CSV`} text={toCsv(report)} />
        <CopyButton label={t`Copy as JSON`} text={toJson(report)} />
      </Actions>
    </section>
  )
}

const sizeOf = ([first]: readonly Figure[]) => first?.size
