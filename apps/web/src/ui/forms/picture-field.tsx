import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useRef, useState } from 'react'
import { Button } from '../buttons/button.tsx'
import { Avatar } from '../people/avatar.tsx'
import styles from './picture-field.module.css'
import { smallPicture } from './small-picture.ts'

interface Props {
  readonly id: string
  readonly name: string
  readonly picture: string | null
  readonly onChange: (picture: string | null) => void
}

/** Chooses a picture; it is cropped and scaled down before any other code gets it. */
export function PictureField({ id, name, picture, onChange }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const [problem, setProblem] = useState<string | null>(null)
  const choose = async (file: File | undefined) => {
    if (!file) return
    setProblem(null)
    try {
      onChange(await smallPicture(file))
    } catch {
      setProblem(t`Choose a PNG, JPEG, or WebP picture of a normal size.`)
    }
  }
  return (
    <div className={styles.field}>
      <Avatar id={id} name={name} picture={picture} size="large" />
      <div className={styles.side}>
        <div className={styles.actions}>
          <Button onClick={() => input.current?.click()}>
            {picture ? t`Change picture` : t`Add picture`}
          </Button>
          {picture && (
            <Button look="plain" onClick={() => onChange(null)}>
              <Trans>Remove</Trans>
            </Button>
          )}
        </div>
        <p role="alert">{problem}</p>
      </div>
      <input
        ref={input}
        type="file"
        accept="image/png,image/jpeg,image/webp"
        hidden
        aria-label={t`Picture`}
        onChange={(event) => {
          void choose(event.target.files?.[0])
          event.target.value = ''
        }}
      />
    </div>
  )
}
