import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { Button } from '../../ui/buttons/button.tsx'
import { CopyButton } from '../../ui/buttons/copy-button.tsx'
import { DigitGroups } from '../../ui/codes/digit-groups.tsx'
import { Actions } from '../../ui/forms/form.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { groupsOf, recoveryFile } from './recovery-code.ts'
import styles from './show-recovery-code.module.css'

/** The recovery code and the ways to save it. */
export function ShowRecoveryCode({ recoveryCode }: { recoveryCode: string }) {
  const { host } = location
  const groups = groupsOf(recoveryCode)
  return (
    <>
      <div className={styles.sheet} data-testid="recovery-code">
        <p className={styles.printed}>
          <Trans>Sotto recovery code for {host}</Trans>
        </p>
        <DigitGroups
          groups={groups}
          label={t`Recovery code, eight groups of four characters`}
          numbered
        />
        <p className={styles.printed}>
          <Trans>
            It opens your keys and messages in a new browser. Anyone who has it can read everything.
          </Trans>
        </p>
      </div>
      <Actions>
        <Button icon="print" onClick={() => print()}>
          <Trans>Print</Trans>
        </Button>
        <CopyButton text={groups.join('-')} />
        <Button
          icon="download"
          onClick={() => saveFile('sotto-recovery-code.txt', recoveryFile(recoveryCode))}
        >
          <Trans>Download</Trans>
        </Button>
      </Actions>
    </>
  )
}
