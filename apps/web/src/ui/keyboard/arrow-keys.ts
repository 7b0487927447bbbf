import type { KeyboardEvent } from 'react'
import { isComposing } from './composing.ts'

const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1 }

/**
 * Moves the focus with the arrow keys among elements that match `selector`, inside the element that has this
 * `onKeyDown`; Home and End go to the first and last one.
 */
export const moveFocus =
  (selector: string) =>
  (event: KeyboardEvent<HTMLElement>): void => {
    if (isComposing(event)) return
    const stops = [...event.currentTarget.querySelectorAll<HTMLElement>(selector)]
    const here = stops.indexOf(document.activeElement as HTMLElement)
    const next = nextStop(event.key, here, stops.length)
    if (next === null) return
    event.preventDefault()
    stops[next]?.focus()
  }

function nextStop(key: string, here: number, count: number): number | null {
  const step = steps[key]
  if (count === 0) return null
  if (step !== undefined) return Math.min(Math.max(here + step, 0), count - 1)
  if (here < 0) return null
  if (key === 'Home') return 0
  return key === 'End' ? count - 1 : null
}
