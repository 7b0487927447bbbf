import { Trans } from '@lingui/react/macro'
import { wordsFor } from '../../client/errors/error-words.ts'
import type { Failure } from '../../client/errors/failure.ts'
import styles from './notice.module.css'
import { Notice } from './notice-box.tsx'

// The first screen needs notices, but not the many words for failures.
export { Notice }

/** Why something failed: what happened, what to do, and a code for support. */
export function FailureNotice({ failure }: { failure: Failure | null }) {
  if (!failure) return null
  const { what, next } = wordsFor(failure)
  return (
    <div role="alert">
      <Notice tone="danger" title={what}>
        <p>{next}</p>
        <SupportCode code={failure.code} />
      </Notice>
    </div>
  )
}

/** A failure's code, for support. */
export function SupportCode({ code }: Pick<Failure, 'code'>) {
  return (
    <details className={styles.code}>
      <summary>
        <Trans>For support</Trans>
      </summary>
      <code>{code}</code>
    </details>
  )
}
