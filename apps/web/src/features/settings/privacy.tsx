import { useCommand } from '../../client/use-command.ts'
import { useMe } from '../../client/use-view.ts'
import { FailureNotice } from '../../ui/notice.tsx'
import { Switch } from '../../ui/switch.tsx'
import styles from './settings.module.css'

/** Whether others find the account by what they know of the person. */
export function Privacy() {
  const me = useMe()
  const set = useCommand((commands, findable: boolean) => commands.setFindable(findable))
  return (
    <>
      <Switch
        label="Found by phone number or e-mail address"
        text="Somebody who knows it exactly finds you with it. Nobody can read it from your account."
        checked={me.findable}
        busy={set.busy}
        onChange={set.run}
      />
      <FailureNotice failure={set.failure} />
      <p className={styles.quiet}>
        By name everybody on this server finds you, unless whoever runs it keeps no list of members.
      </p>
    </>
  )
}
