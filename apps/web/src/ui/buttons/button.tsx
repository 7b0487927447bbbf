import type { ComponentProps, ReactNode } from 'react'
import { classes } from '../classes.ts'
import { Icon, type IconName } from '../icons/icon.tsx'
import styles from './button.module.css'

type Look = 'main' | 'quiet' | 'plain' | 'danger'

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: Look
  readonly icon?: IconName
  readonly busy?: boolean
  readonly wide?: boolean
}

/** A button with words. While `busy`, it stays focusable but does nothing. */
export function Button({
  look = 'quiet',
  icon,
  busy = false,
  wide = false,
  className,
  children,
  onClick,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classes(styles.button, styles[look], wide && styles.wide, className)}
      aria-busy={busy || undefined}
      onClick={busy ? (event) => event.preventDefault() : onClick}
    >
      {icon && <Icon name={icon} size={16} />}
      <span>{children}</span>
    </button>
  )
}

interface IconButtonProps extends ComponentProps<'button'> {
  readonly icon: IconName
  /** What it does; read aloud and shown on hover. */
  readonly label: string
}

/** A button with only an icon. */
export function IconButton({ icon, label, className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classes(styles['icon-button'], className)}
      aria-label={label}
      title={label}
    >
      <Icon name={icon} />
    </button>
  )
}

interface LinkButtonProps {
  readonly href: string
  readonly look?: Look
  readonly icon?: IconName
  readonly wide?: boolean
  readonly children: ReactNode
}

/** A link that looks like a button. */
export function LinkButton({
  href,
  look = 'quiet',
  icon,
  wide = false,
  children,
}: LinkButtonProps) {
  return (
    <a href={href} className={classes(styles.button, styles[look], wide && styles.wide)}>
      {icon && <Icon name={icon} size={16} />}
      <span>{children}</span>
    </a>
  )
}

/** A link with only an icon. */
export function IconLink({ href, icon, label }: { href: string; icon: IconName; label: string }) {
  return (
    <a href={href} className={styles['icon-button']} aria-label={label} title={label}>
      <Icon name={icon} />
    </a>
  )
}
