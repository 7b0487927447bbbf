import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useCommand } from '../../client/hooks/use-command.ts'
import { useMe } from '../../client/hooks/use-view.ts'
import styles from '../../layout/sections.module.css'
import { Switch } from '../../ui/forms/switch.tsx'
import { FailureNotice } from '../../ui/notices/notice.tsx'

/** Whether others can find the account by phone number or email address. */
export function Privacy() {
  const me = useMe()
  const set = useCommand((commands, findable: boolean) => commands.setFindable(findable))
  return (
    <>
      <Switch
        label={t`Let people find me by phone number or email`}
        text={t`Anyone who enters it exactly can find you. No one can read it from your account.`}
        checked={me.findable}
        busy={set.busy}
        onChange={set.run}
      />
      <FailureNotice failure={set.failure} />
      <p className={styles.quiet}>
        <Trans>
          Everyone on this server can find you by name, unless the people who run it have turned off
          the member list.
        </Trans>
      </p>
    </>
  )
}
