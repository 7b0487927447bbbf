import { plural, t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { useEffect, useState } from 'react'
import { Entrance } from '../../layout/entrance.tsx'
import { StopHere } from '../../layout/stop-here.tsx'
import { exactTimeOf } from '../../ui/text/moments.ts'

const MINUTE = 60_000

/** Says how much longer the new keys have to wait. The client continues by itself afterwards. */
export function NewKeysWait({ dueAt }: { dueAt: number }) {
  const moment = exactTimeOf(dueAt)
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE / 2)
    return () => clearInterval(timer)
  }, [])
  return (
    <Entrance
      title={t`Your new keys are waiting`}
      intro={
        <p>
          <Trans>
            One of your devices was used recently. It’s notified of your new keys and can stop them,
            so that no one can take over your account with a stolen login.
          </Trans>
        </p>
      }
    >
      <p role="timer">
        <strong>{timeLeft(dueAt - now)}</strong>
      </p>
      <p>
        <Trans>
          They take effect on {moment}. Until then, this browser can’t read or write anything. You
          can close it and come back then.
        </Trans>
      </p>
      <StopHere />
    </Entrance>
  )
}

/** In whole minutes, rounded up. */
export function timeLeft(ms: number): string {
  const minutes = Math.max(0, Math.ceil(ms / MINUTE))
  if (minutes === 0) return t`Any moment now`
  const hours = Math.floor(minutes / 60)
  const rest = minutes % 60
  if (hours === 0) return plural(rest, { one: '# minute left', other: '# minutes left' })
  if (rest === 0) return plural(hours, { one: '# hour left', other: '# hours left' })
  return t`${plural(hours, { one: '# hour', other: '# hours' })} and ${plural(rest, { one: '# minute', other: '# minutes' })} left`
}
