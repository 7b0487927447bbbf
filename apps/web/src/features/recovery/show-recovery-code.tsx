import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { DigitGroups } from '../../ui/digit-groups.tsx'
import { Actions } from '../../ui/form.tsx'
import { saveFile } from '../../ui/save-file.ts'
import { groupsOf, recoveryFile } from './recovery-code.ts'
import styles from './show-recovery-code.module.css'

/** The recovery code and the ways to keep it. */
export function ShowRecoveryCode({ recoveryCode }: { recoveryCode: string }) {
  const groups = groupsOf(recoveryCode)
  return (
    <>
      <div className={styles.sheet} data-testid="recovery-code">
        <p className={styles.printed}>Sotto recovery code for {location.host}</p>
        <DigitGroups groups={groups} label="Recovery code, eight groups of four" numbered />
        <p className={styles.printed}>
          It opens your keys and messages on a new browser. Whoever has it can read everything.
        </p>
      </div>
      <Actions>
        <Button icon="print" onClick={() => print()}>
          Print
        </Button>
        <CopyButton text={groups.join('-')} />
        <Button
          icon="download"
          onClick={() => saveFile('sotto-recovery-code.txt', recoveryFile(recoveryCode))}
        >
          Download
        </Button>
      </Actions>
    </>
  )
}
