import { Switch } from '../../ui/switch.tsx'
import { type KindOfDevice, useEnterKey } from '../composer/enter-key.ts'
import styles from './settings.module.css'

/** What Enter does while writing, for this browser. */
export function Writing() {
  return (
    <>
      <p className={styles.quiet}>
        Where Enter does not send, it begins a new line: the button sends, or Ctrl and Enter. Where
        it does, Shift and Enter begin a new line. These are kept in this browser only.
      </p>
      <EnterSends kind="keyboard" label="Enter sends, at a keyboard" />
      <EnterSends kind="touch" label="Enter sends, on a touch screen" />
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
