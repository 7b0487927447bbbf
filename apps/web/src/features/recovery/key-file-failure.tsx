import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { Failure } from '../../client/errors/failure.ts'
import { CopyButton } from '../../ui/buttons/copy-button.tsx'
import { Notice, SupportCode } from '../../ui/notices/notice.tsx'
import { keyFileWords } from './key-file-words.ts'
import styles from './load-pem.module.css'

interface Props {
  readonly failure: Failure | null
  readonly fileName: string
}

/** Why a key file was rejected: what it is, and how to convert it. */
export function KeyFileFailure({ failure, fileName }: Props) {
  if (!failure) return null
  const { what, next, command } = keyFileWords(failure, fileName)
  return (
    <div role="alert">
      <Notice tone="danger" title={what}>
        <p>{next}</p>
        {command && (
          <>
            <code className={styles.command} dir="ltr">
              {command}
            </code>
            <CopyButton text={command} label={t`Copy command`} />
            <p>
              <Trans>
                Then choose <code>sotto.pem</code> here.
              </Trans>
            </p>
          </>
        )}
        <SupportCode code={failure.code} />
      </Notice>
    </div>
  )
}
