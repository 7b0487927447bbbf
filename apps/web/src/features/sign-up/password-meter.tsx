import type { Judgement } from './judge-password.ts'
import styles from './password-meter.module.css'

interface Props {
  readonly judgement: Judgement
  /** Whether the same words are already shown nearby. */
  readonly isSaid: boolean
}

/** A password's strength, as a bar and in words. */
export function PasswordMeter({ judgement, isSaid }: Props) {
  return (
    <div className={styles.meter}>
      <span className={styles.bar} data-level={judgement.level} aria-hidden="true">
        <span />
        <span />
        <span />
        <span />
      </span>
      <span aria-live="polite">{!isSaid && judgement.words}</span>
    </div>
  )
}
