import { type ReactNode, useId } from 'react'
import styles from './choice-cards.module.css'

export interface Choice<T extends string> {
  readonly value: T
  readonly title: string
  readonly text?: ReactNode
}

interface Props<T extends string> {
  readonly legend: string
  readonly choices: readonly Choice<T>[]
  readonly value: T
  readonly onChange: (value: T) => void
}

/** A choice among several options, each with room for an explanation. */
export function ChoiceCards<T extends string>({ legend, choices, value, onChange }: Props<T>) {
  const name = useId()
  return (
    <fieldset className={styles.choices}>
      <legend>{legend}</legend>
      {choices.map((choice) => (
        <label key={choice.value} className={styles.card}>
          <input
            type="radio"
            name={name}
            checked={choice.value === value}
            onChange={() => onChange(choice.value)}
            aria-describedby={choice.text ? `${name}-${choice.value}` : undefined}
            aria-label={choice.title}
          />
          <span className={styles.words}>
            <span className={styles.title}>{choice.title}</span>
            {choice.text && (
              <span className={styles.text} id={`${name}-${choice.value}`}>
                {choice.text}
              </span>
            )}
          </span>
        </label>
      ))}
    </fieldset>
  )
}
