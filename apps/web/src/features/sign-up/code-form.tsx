import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import type { Commands } from '@sotto/sdk'
import { codeDigits, ONE_TIME_CODE_DIGITS } from '@sotto/wire'
import { useRef, useState } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Entrance } from '../../layout/entrance.tsx'
import { Button } from '../../ui/buttons/button.tsx'
import { Actions, Form } from '../../ui/forms/form.tsx'
import { TidiedField } from '../../ui/forms/tidied-field.tsx'
import { LogInFailure } from '../log-in/log-in-failure.tsx'

interface Props {
  readonly sentTo: string
  /** The label of the button that leads back to the address. */
  readonly changeWords: string
  /** Whether a code was definitely sent; if sign-up is closed, only existing accounts get one. */
  readonly isSure: boolean
  readonly verify: (commands: Commands, code: string) => Promise<void>
  readonly onAgain: () => void
  readonly onOther: () => void
}

/** The one-time code; it is submitted once its last digit is typed or pasted. */
export function CodeForm({ sentTo, changeWords, isSure, verify, onAgain, onOther }: Props) {
  const address = sentTo.trim()
  const [code, setCode] = useState('')
  const input = useRef<HTMLInputElement>(null)
  const check = useCommand(verify)

  const submit = async (typed: string) => {
    if (typed.length !== ONE_TIME_CODE_DIGITS || (await check.run(typed))) return
    setCode('')
    input.current?.focus()
  }
  const type = (text: string) => {
    // People may paste all of "Your code is 123 456".
    const digits = codeDigits(text).slice(0, ONE_TIME_CODE_DIGITS)
    setCode(digits)
    check.forget()
    if (digits.length === ONE_TIME_CODE_DIGITS && digits !== code) void submit(digits)
  }

  return (
    <Entrance
      title={t`Enter the code`}
      intro={
        <p>
          {isSure ? (
            <Trans>
              We sent a six-digit code to <bdi dir="ltr">{address}</bdi>. It’s valid for ten
              minutes.
            </Trans>
          ) : (
            <Trans>
              If <bdi dir="ltr">{address}</bdi> has an account here, we’ve sent it a six-digit code.
              It’s valid for ten minutes.
            </Trans>
          )}
        </p>
      }
    >
      <Form onSubmit={() => submit(code)}>
        <TidiedField
          ref={input}
          label={t`Code`}
          look="code"
          dir="ltr"
          inputMode="numeric"
          autoComplete="one-time-code"
          autoFocus
          spellCheck={false}
          value={code}
          count={(text) => codeDigits(text).length}
          onType={type}
        />
        <LogInFailure failure={check.failure} onErased={onOther} />
        <Button
          type="submit"
          look="main"
          wide
          busy={check.busy}
          disabled={code.length !== ONE_TIME_CODE_DIGITS}
        >
          <Trans>Continue</Trans>
        </Button>
        <Actions>
          <Button look="plain" onClick={onAgain}>
            <Trans>Resend code</Trans>
          </Button>
          <Button look="plain" onClick={onOther}>
            {changeWords}
          </Button>
        </Actions>
      </Form>
    </Entrance>
  )
}
