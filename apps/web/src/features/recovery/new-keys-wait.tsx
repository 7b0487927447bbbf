import { useEffect, useState } from 'react'
import { exactTimeOf } from '../../ui/moments.ts'
import { Entrance } from '../frame/entrance.tsx'
import { StopHere } from '../frame/stop-here.tsx'

const MINUTE = 60_000

/** Says how long the new keys still wait. The client goes on by itself when the time is over. */
export function NewKeysWait({ dueAt }: { dueAt: number }) {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE / 2)
    return () => clearInterval(timer)
  }, [])
  return (
    <Entrance
      title="Your new keys wait"
      intro={
        <p>
          One of your devices was in use lately. It is told of your new keys and can stop them: so
          nobody takes your account from you with a stolen log-in.
        </p>
      }
    >
      <p role="timer">
        <strong>{timeLeft(dueAt - now)}</strong>
      </p>
      <p>
        They count from {exactTimeOf(dueAt)} on. Until then this browser can read and write nothing.
        You can close it; come back then.
      </p>
      <StopHere />
    </Entrance>
  )
}

/** In whole minutes, rounded up. */
export function timeLeft(ms: number): string {
  const minutes = Math.max(0, Math.ceil(ms / MINUTE))
  if (minutes === 0) return 'Any moment now'
  const hours = Math.floor(minutes / 60)
  const parts = [counted(hours, 'hour'), counted(minutes % 60, 'minute')]
  return `${parts.filter((part) => part !== '').join(' and ')} left`
}

const counted = (count: number, unit: string) =>
  count === 0 ? '' : `${count} ${unit}${count === 1 ? '' : 's'}`
