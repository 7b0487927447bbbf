import type { Judgement } from './judge-password.ts'
import styles from './password-meter.module.css'

/** How good a password is, in a bar and in a word. */
export function PasswordMeter({ judgement }: { judgement: Judgement }) {
  return (
    <div className={styles.meter}>
      <span className={styles.bar} data-level={judgement.level} aria-hidden="true">
        <span />
        <span />
        <span />
        <span />
      </span>
      <span aria-live="polite">{judgement.words}</span>
    </div>
  )
}
