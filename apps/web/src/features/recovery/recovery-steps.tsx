import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useState } from 'react'
import type { Failure } from '../../client/errors/failure.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions, Form } from '../../ui/forms/form.tsx'
import { TidiedField } from '../../ui/forms/tidied-field.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { CODE_CHARS, countOf, groupsOf, isWholeGroup } from './recovery-code.ts'
import { ShowRecoveryCode } from './show-recovery-code.tsx'

interface Props {
  readonly recoveryCode: string
  readonly askedGroup: number
  readonly busy: boolean
  readonly failure: Failure | null
  readonly onConfirm: (group: string) => void
}

/** Shows the code, then hides it and asks for one group: a code that wasn't saved is useless. */
export function RecoverySteps({ recoveryCode, askedGroup, busy, failure, onConfirm }: Props) {
  const [isKept, setIsKept] = useState(false)
  const [group, setGroup] = useState('')
  if (!isKept) {
    return (
      <>
        <ShowRecoveryCode recoveryCode={recoveryCode} />
        <Button look="main" wide onClick={() => setIsKept(true)}>
          <Trans>I saved it</Trans>
        </Button>
      </>
    )
  }
  return (
    <Form onSubmit={() => isWholeGroup(group) && onConfirm(group)}>
      <TidiedField
        label={t`Group ${askedGroup} of your code`}
        look="code"
        dir="ltr"
        autoFocus
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        value={group}
        count={countOf}
        onType={(typed) => setGroup(groupIn(typed, askedGroup))}
        hint={t`Enter the four characters under that number to make sure you can find your code.`}
      />
      <FailureNotice failure={failure} />
      <Button type="submit" look="main" wide busy={busy} disabled={!isWholeGroup(group)}>
        <Trans>Confirm</Trans>
      </Button>
      <Actions>
        <Button look="plain" onClick={() => setIsKept(false)}>
          <Trans>Show the code again</Trans>
        </Button>
      </Actions>
    </Form>
  )
}

/** The group as typed, or taken from a complete code that was pasted. */
function groupIn(typed: string, asked: number): string {
  const isWholeCode = countOf(typed) === CODE_CHARS
  return groupsOf(typed)[isWholeCode ? asked - 1 : 0] ?? ''
}
