import { useState } from 'react'
import type { Failure } from '../../client/failure.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Actions, Form } from '../../ui/form.tsx'
import { FailureNotice } from '../../ui/notice.tsx'
import { isWholeGroup, tidied } from './recovery-code.ts'
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
    <Form onSubmit={() => isWholeGroup(group) && onConfirm(group.trim())}>
      <Field
        label={`Group ${askedGroup} of your code`}
        look="code"
        dir="ltr"
        autoFocus
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        maxLength={4}
        value={group}
        onChange={(event) => setGroup(tidied(event.target.value))}
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
