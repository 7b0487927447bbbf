import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import styles from '../../layout/sections.module.css'
import { Switch } from '../../ui/forms/switch.tsx'
import { type KindOfDevice, useEnterKey } from '../composer/enter-key.ts'

/** What Enter does in the composer, for this browser. */
export function Writing() {
  return (
    <>
      <p className={styles.quiet}>
        <Trans>
          When Enter doesn’t send, it starts a new line, and you send with the button or Ctrl+Enter.
          When it does, Shift+Enter starts a new line. These settings apply to this browser only.
        </Trans>
      </p>
      <EnterSends kind="keyboard" label={t`Enter sends when using a keyboard`} />
      <EnterSends kind="touch" label={t`Enter sends on a touch screen`} />
    </>
  )
}

function EnterSends({ kind, label }: { kind: KindOfDevice; label: string }) {
  const [enter, choose] = useEnterKey(kind)
  return (
    <Switch
      label={label}
      checked={enter === 'sends'}
      onChange={(isOn) => choose(isOn ? 'sends' : 'new-line')}
    />
  )
}
