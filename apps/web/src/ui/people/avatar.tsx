import { Icon } from '../icons/icon.tsx'
import { graphemesOf } from '../text/graphemes.ts'
import styles from './avatar.module.css'

interface Props {
  /** Determines the color, so that a person has the same one everywhere. */
  readonly id: string
  readonly name: string
  readonly picture: string | null
  readonly size?: 'small' | 'middle' | 'large'
}

const HUES = 8

/** A person's picture or initials. The name is next to it, so it's hidden from screen readers. */
export function Avatar({ id, name, picture, size = 'middle' }: Props) {
  const hue = Number.parseInt(id.slice(0, 6), 16) % HUES
  if (picture) {
    return <img className={styles.avatar} data-size={size} src={picture} alt="" draggable={false} />
  }
  return (
    <span className={styles.avatar} data-size={size} data-hue={hue} aria-hidden="true">
      {initialsOf(name) || <Icon name="person" size={24} />}
    </span>
  )
}

/** A person who is still hidden. */
export function UnknownAvatar({ size = 'middle' }: { size?: Props['size'] }) {
  return (
    <span className={styles.avatar} data-size={size} data-hue="none" aria-hidden="true">
      ?
    </span>
  )
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter((word) => /[\p{L}\p{N}\p{Emoji}]/u.test(word))
  const picked = words.length > 1 ? [words[0], words.at(-1)] : [words[0] ?? name]
  return picked
    .map((word) => firstGrapheme(word ?? ''))
    .join('')
    .toLocaleUpperCase()
}

const firstGrapheme = (word: string): string =>
  graphemesOf(word.replace(/^[^\p{L}\p{N}\p{Emoji}]+/u, ''))[0] ?? ''
