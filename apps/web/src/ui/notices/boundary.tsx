import { Trans } from '@lingui/react/macro'
import type { ReactNode } from 'react'
import { ErrorBoundary, type FallbackProps } from 'react-error-boundary'
import { MissingCode } from '../../load-code.ts'
import { Button } from '../buttons/button.tsx'
import styles from './boundary.module.css'
import { MissingPart } from './missing-part.tsx'
import { Notice } from './notice-box.tsx'

interface Props {
  /** The message when rendering fails: a whole sentence, such as `This message can’t be shown.` */
  readonly failure: string
  /** Wraps the message; see also `asPage` and `asLine`. */
  readonly around?: (words: ReactNode) => ReactNode
  /** Whether there is room for only one line. */
  readonly isLine?: boolean
  /** Tries again when one of these changes. */
  readonly of?: readonly unknown[]
  readonly children: ReactNode
}

/** Shows the reason in place of a component that can't be rendered, and keeps the rest of the page working. */
export function Boundary({ failure, around = asPart, isLine = false, of = [], children }: Props) {
  const Words = isLine ? Line : Part
  return (
    <ErrorBoundary
      resetKeys={[...of]}
      fallbackRender={(failed) => {
        const words = <Words {...failed} failure={failure} />
        return isLine ? words : around(words)
      }}
    >
      {children}
    </ErrorBoundary>
  )
}

const asPart = (words: ReactNode) => <div className={styles.part}>{words}</div>

/** For the main part of a page. */
export const asPage = (words: ReactNode) => <main className={styles.page}>{words}</main>

type Failed = FallbackProps & { readonly failure: string }

function Part({ failure, error, resetErrorBoundary }: Failed) {
  if (error instanceof MissingCode) {
    return <MissingPart reason={error.reason} onAgain={resetErrorBoundary} />
  }
  return (
    <div role="alert">
      <Notice tone="danger" title={failure}>
        <p>
          <Trans>
            Nothing is lost. Try again. If it keeps happening, tell the people who run this server:
          </Trans>
        </p>
        <p className={styles.reason}>{reasonOf(error)}</p>
        <div className={styles.ways}>
          <Button onClick={resetErrorBoundary}>
            <Trans>Try again</Trans>
          </Button>
          <Button onClick={() => location.reload()}>
            <Trans>Reload</Trans>
          </Button>
        </div>
      </Notice>
    </div>
  )
}

function Line({ failure, error, resetErrorBoundary }: Failed) {
  return (
    <p className={styles.line}>
      <span>{failure}</span>
      <span className={styles.reason}>{reasonOf(error)}</span>
      <button type="button" onClick={resetErrorBoundary}>
        <Trans>Try again</Trans>
      </button>
    </p>
  )
}

const MAX_REASON = 200

/** For troubleshooting. */
const reasonOf = (error: unknown): string => String(error).slice(0, MAX_REASON)
