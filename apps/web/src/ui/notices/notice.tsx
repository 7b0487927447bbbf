import { Trans } from '@lingui/react/macro'
import { wordsFor } from '../../client/errors/error-words.ts'
import type { Failure } from '../../client/errors/failure.ts'
import styles from './notice.module.css'
import { Notice } from './notice-box.tsx'

// The first screen has notices and no failures, whose words are many.
export { Notice }

/** Why something did not work: what happened, what to do, and the code to pass on. */
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

/** The code of a failure, to pass on. */
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
