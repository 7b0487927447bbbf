import { useId } from 'react'
import styles from './switch.module.css'

interface Props {
  readonly label: string
  readonly text?: string
  readonly checked: boolean
  readonly busy?: boolean
  readonly onChange: (checked: boolean) => void
}

/** On or off, with immediate effect. */
export function Switch({ label, text, checked, busy = false, onChange }: Props) {
  const id = useId()
  return (
    <label className={styles.row}>
      <span className={styles.words}>
        <span className={styles.label}>{label}</span>
        {text && (
          <span className={styles.text} id={`${id}-text`}>
            {text}
          </span>
        )}
      </span>
      <input
        type="checkbox"
        role="switch"
        className={styles.switch}
        checked={checked}
        aria-checked={checked}
        aria-busy={busy || undefined}
        aria-label={label}
        aria-describedby={text ? `${id}-text` : undefined}
        onChange={(event) => !busy && onChange(event.target.checked)}
      />
    </label>
  )
}
