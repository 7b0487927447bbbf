import { t } from '@lingui/core/macro'
import { type ComponentProps, type ReactNode, useState } from 'react'
import { IconButton } from '../buttons/button.tsx'
import { Field } from './field.tsx'

interface Props extends Omit<ComponentProps<'input'>, 'type'> {
  readonly label: string
  readonly hint?: ReactNode
  readonly problem?: string | null
}

/** A field whose content is hidden until the person asks to see it. */
export function PasswordField(props: Props) {
  const [shown, setShown] = useState(false)
  const toggle = (
    <IconButton
      icon={shown ? 'eye-off' : 'eye'}
      label={shown ? t`Hide password` : t`Show password`}
      aria-pressed={shown}
      onClick={() => setShown(!shown)}
    />
  )
  return (
    <Field
      {...props}
      type={shown ? 'text' : 'password'}
      dir="ltr"
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      extra={toggle}
    />
  )
}
