import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { wordsFor } from '../client/errors/error-words.ts'
import { failureOf } from '../client/errors/failure.ts'
import { storageErrorOf } from '../client/storage/storage-error.ts'
import { Entrance } from '../layout/entrance.tsx'
import { MissingCode } from '../load-code.ts'
import { Button } from '../ui/buttons/button.tsx'
import { MissingPart } from '../ui/notices/missing-part.tsx'
import { Notice } from '../ui/notices/notice-box.tsx'
import styles from './cannot-start.module.css'
import { findLacks, type Lack } from './find-lacks.ts'

const again = () => location.reload()

/** Replaces the app where it can't run: says what is missing, and what to do about it. */
export function CannotStart() {
  return <Lacking lacks={findLacks()} />
}

function Lacking({ lacks }: { lacks: readonly Lack[] }) {
  return (
    <Entrance title={t`Sotto can’t start here`}>
      {lacks.map(({ name, what, next, operator }) => (
        <div role="alert" key={name}>
          <Notice tone="warn" title={what}>
            <p>{next}</p>
            {operator && <p>{operator}</p>}
          </Notice>
        </div>
      ))}
      <Button look="main" onClick={again}>
        <Trans>Try again</Trans>
      </Button>
      <details className={styles.support}>
        <summary>
          <Trans>For support</Trans>
        </summary>
        <code>{lacks.map(({ name }) => name).join(', ')}</code>
        <code>{navigator.userAgent}</code>
      </details>
    </Entrance>
  )
}

/** The same for an error at the start. */
export function FailedStart({ error }: { error: unknown }) {
  const missing = missingCodeIn(error)
  if (missing) {
    return (
      <Entrance title={t`Sotto can’t start here`}>
        <MissingPart reason={missing.reason} onAgain={again} />
      </Entrance>
    )
  }
  // The browser itself refuses: no locks, no channel, or no storage for this page.
  const failure = failureOf(error instanceof DOMException ? storageErrorOf(error) : error)
  return <Lacking lacks={[{ name: nameOf(failure.code, error), ...wordsFor(failure) }]} />
}

function missingCodeIn(error: unknown): MissingCode | null {
  if (error instanceof MissingCode) return error
  return error instanceof Error && error.cause ? missingCodeIn(error.cause) : null
}

const MAX_REASON = 200

function nameOf(code: string, error: unknown): string {
  const reason = error instanceof Error && error.cause ? error.cause : error
  return `${code}: ${String(reason).slice(0, MAX_REASON)}`
}
