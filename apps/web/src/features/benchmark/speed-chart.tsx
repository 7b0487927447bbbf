import { i18n } from '@lingui/core'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { type Figure, operations } from '@sotto/benchmark/plan'
import styles from './benchmark.module.css'
import { operationWords, perSecond, titleOf } from './figure-words.ts'

/** Messages per second as bars: longer is faster. The table has the same figures. */
export function SpeedChart({ figures }: { figures: readonly Figure[] }) {
  const names = [...new Set(figures.map(({ contestant }) => contestant))]
  const fastest = Math.max(...figures.map(perSecond))
  return (
    <figure className={styles.chart}>
      <figcaption>
        <Trans>Messages per second (longer is faster)</Trans>
      </figcaption>
      <div
        role="img"
        aria-label={t`Bar chart of the speeds in the table below`}
        className={styles.bars}
      >
        {names.map((name) => (
          <div key={name} className={styles.group}>
            <span className={styles.name} translate="no">
              {titleOf(name)}
            </span>
            {operations.map((operation) => {
              const figure = figures.find(
                (one) => one.contestant === name && one.operation === operation,
              )
              return figure && <Bar key={operation} figure={figure} fastest={fastest} />
            })}
          </div>
        ))}
      </div>
    </figure>
  )
}

function Bar({ figure, fastest }: { figure: Figure; fastest: number }) {
  const speed = perSecond(figure)
  const { operation } = figure
  return (
    <div className={styles.bar}>
      <span>{operationWords(operation)}</span>
      <svg width="100%" height="10" aria-hidden="true" data-operation={operation}>
        <rect className={styles.track} width="100%" height="10" rx="2" />
        <rect width={`${Math.max(0.4, (100 * speed) / fastest)}%`} height="10" rx="2" />
      </svg>
      <span className={styles.speed}>{i18n.number(Math.round(speed))}</span>
    </div>
  )
}
