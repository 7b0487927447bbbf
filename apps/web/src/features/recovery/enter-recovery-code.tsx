import { t } from '@lingui/core/macro'
import type { ClipboardEvent } from 'react'
import { useCommand } from '../../client/hooks/use-command.ts'
import { Button } from '../../ui/buttons/button.tsx'
import { Form } from '../../ui/forms/form.tsx'
import { TidiedField } from '../../ui/forms/tidied-field.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'
import { CODE_CHARS, countOf } from './recovery-code.ts'
import { useCodeSearch } from './use-code-search.ts'

/** The field for the recovery code. It also accepts text that contains one. */
export function EnterRecoveryCode() {
  const search = useCodeSearch()
  const { text, problem, isWhole } = search
  const typedChars = countOf(text)
  const unlock = useCommand((commands) => commands.unlockWithRecoveryCode(text))
  const type = (typed: string) => {
    unlock.forget()
    void search.type(typed)
  }
  // A single-line field would lose a file's line breaks.
  const paste = (event: ClipboardEvent<HTMLInputElement>) => {
    const [file] = event.clipboardData.files
    const pasted = event.clipboardData.getData('text/plain')
    if (!file && !search.isText(pasted)) return
    event.preventDefault()
    unlock.forget()
    void search.read(file ?? pasted)
  }
  return (
    <Form onSubmit={() => isWhole && unlock.run()}>
      <TidiedField
        label={t`Recovery code`}
        look="mono"
        dir="ltr"
        autoFocus
        autoComplete="off"
        autoCapitalize="characters"
        spellCheck={false}
        placeholder="XXXX XXXX XXXX …"
        value={text}
        count={countOf}
        problem={problem}
        onType={type}
        onPaste={paste}
        hint={t`Eight groups of four characters. Spaces and capitals don’t matter. ${typedChars} of ${CODE_CHARS} characters entered.`}
      />
      <FailureNotice failure={unlock.failure} />
      <Button type="submit" look="main" wide busy={unlock.busy} disabled={!isWhole}>
        {unlock.busy ? t`Unlocking…` : t`Unlock`}
      </Button>
    </Form>
  )
}
