import styles from './digit-groups.module.css'

interface Props {
  readonly groups: readonly string[]
  readonly label: string
  readonly numbered?: boolean
}

/** Text that people compare or copy, in easily readable groups. */
export function DigitGroups({ groups, label, numbered = false }: Props) {
  return (
    <ol className={styles.groups} aria-label={label} data-numbered={numbered} dir="ltr">
      {groups.map((group, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group is identified by its position, and may occur twice
        <li key={index}>{group}</li>
      ))}
    </ol>
  )
}

/** `text` split into groups of `length`. */
export function inGroups(text: string, length: number): string[] {
  return Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  )
}
