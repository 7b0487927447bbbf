import { useState } from 'react'
import type { Failure } from '../../client/failure.ts'
import { Button } from '../../ui/button.tsx'
import { Actions, Form } from '../../ui/form.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import { TidiedField } from '../../ui/tidied-field.tsx'
import { CODE_CHARS, countOf, groupsOf, isWholeGroup } from './recovery-code.ts'
import { ShowRecoveryCode } from './show-recovery-code.tsx'

interface Props {
  readonly recoveryCode: string
  readonly askedGroup: number
  readonly busy: boolean
  readonly failure: Failure | null
  readonly onConfirm: (group: string) => void
}

/** Shows the code, then hides it and asks for one group: a code that was not kept is of no use. */
export function RecoverySteps({ recoveryCode, askedGroup, busy, failure, onConfirm }: Props) {
  const [isKept, setIsKept] = useState(false)
  const [group, setGroup] = useState('')
  if (!isKept) {
    return (
      <>
        <ShowRecoveryCode recoveryCode={recoveryCode} />
        <Button look="main" wide onClick={() => setIsKept(true)}>
          I have kept it
        </Button>
      </>
    )
  }
  return (
    <Form onSubmit={() => isWholeGroup(group) && onConfirm(group)}>
      <TidiedField
        label={`Group ${askedGroup} of your code`}
        look="code"
        dir="ltr"
        autoFocus
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        value={group}
        count={countOf}
        onType={(typed) => setGroup(groupIn(typed, askedGroup))}
        hint="The four characters under that number, to be sure that the code is where you can find it."
      />
      <FailureNotice failure={failure} />
      <Button type="submit" look="main" wide busy={busy} disabled={!isWholeGroup(group)}>
        Confirm
      </Button>
      <Actions>
        <Button look="plain" onClick={() => setIsKept(false)}>
          Show the code again
        </Button>
      </Actions>
    </Form>
  )
}

/** One group as it is typed, or that of a whole code that was pasted. */
function groupIn(typed: string, asked: number): string {
  const isWholeCode = countOf(typed) === CODE_CHARS
  return groupsOf(typed)[isWholeCode ? asked - 1 : 0] ?? ''
}
