import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { type Figure, isExtrapolated, operations, REFERENCE, totalMs } from '@sotto/benchmark/plan'
import styles from './benchmark.module.css'
import { operationWords, ratioWords, timeWords, titleOf } from './figure-words.ts'

/** All figures for one number of messages: the total time, and how it compares. */
export function FiguresTable({ figures }: { figures: readonly Figure[] }) {
  const names = [...new Set(figures.map(({ contestant }) => contestant))]
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">
              <Trans>Method</Trans>
            </span>
          </th>
          {operations.map((operation) => (
            <th key={operation} scope="col">
              {operationWords(operation)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name} data-reference={name === REFERENCE || undefined}>
            <th scope="row" translate="no">
              {titleOf(name)}
            </th>
            {operations.map((operation) => (
              <Cell
                key={operation}
                figure={figures.find(
                  (one) => one.contestant === name && one.operation === operation,
                )}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function Cell({ figure }: { figure: Figure | undefined }) {
  if (!figure) return <td />
  return (
    <td>
      {isExtrapolated(figure) && <span title={t`Calculated from fewer messages`}>~</span>}
      {timeWords(totalMs(figure))}
      {figure.ratio !== null && <small>× {ratioWords(figure.ratio)}</small>}
    </td>
  )
}
