import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useId } from 'react'
import { Icon } from '../../../ui/icons/icon.tsx'
import { isComposing } from '../../../ui/keyboard/composing.ts'
import styles from './rail-search.module.css'

/** Narrows the rail to names that start with the typed text; Esc clears it. */
export function RailSearch({
  value,
  onChange,
}: {
  value: string
  onChange: (value: string) => void
}) {
  const id = useId()
  return (
    <search className={styles.search}>
      <label htmlFor={id} className="visually-hidden">
        <Trans>Search conversations</Trans>
      </label>
      <Icon name="search" size={16} />
      <input
        id={id}
        type="search"
        dir="auto"
        placeholder={t`Search`}
        autoComplete="off"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && !isComposing(event) && onChange('')}
      />
    </search>
  )
}
