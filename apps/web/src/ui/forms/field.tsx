import { type ComponentProps, type ReactNode, useId } from 'react'
import { classes } from '../classes.ts'
import styles from './field.module.css'

interface FieldProps extends ComponentProps<'input'> {
  readonly label: string
  /** Shown below the field, and read with it by screen readers. */
  readonly hint?: ReactNode
  /** What is wrong with the value. */
  readonly problem?: string | null
  readonly look?: 'text' | 'code' | 'mono'
  /** An element at the end of the field. */
  readonly extra?: ReactNode
}

/** A labeled line of text. */
export function Field({ label, hint, problem, look = 'text', extra, ...input }: FieldProps) {
  const id = useId()
  const hintId = hint ? `${id}-hint` : undefined
  const problemId = problem ? `${id}-problem` : undefined
  return (
    <div className={styles.field}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.line} dir={input.dir === 'ltr' ? 'ltr' : undefined}>
        <input
          dir="auto"
          {...input}
          id={id}
          className={classes(styles.input, styles[look])}
          aria-invalid={problem ? true : undefined}
          aria-describedby={[problemId, hintId].filter(Boolean).join(' ') || undefined}
        />
        {extra && <span className={styles.extra}>{extra}</span>}
      </div>
      <p id={problemId} className={styles.problem} role="alert" hidden={!problem}>
        {problem}
      </p>
      {hint && (
        <div id={hintId} className={styles.hint}>
          {hint}
        </div>
      )}
    </div>
  )
}
