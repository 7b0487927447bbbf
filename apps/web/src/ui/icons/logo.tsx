import styles from './logo.module.css'

/** Sotto's logo: a voice, and the line that it is kept below. */
export function Logo({ size = 40 }: { size?: 28 | 40 | 64 }) {
  return (
    <svg className={styles.logo} viewBox="0 0 32 32" width={size} height={size} aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M8 13.5c2.7-4.3 5.3-4.3 8 0s5.3 4.3 8 0" />
      <path d="M11 22.5h10" opacity="0.72" />
    </svg>
  )
}
