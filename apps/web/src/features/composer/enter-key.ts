import { useSyncExternalStore } from 'react'
import { keptChoice, useKeptChoice } from '../../kept-choice.ts'

const SENDS_FIRST = ['sends', 'new-line'] as const
const NEW_LINE_FIRST = ['new-line', 'sends'] as const

/** On a touch screen a new line needs a key of its own: there is no Shift to hold. */
const choices = {
  keyboard: keptChoice<EnterKey>('enter-at-keyboard', SENDS_FIRST),
  touch: keptChoice<EnterKey>('enter-on-touch', NEW_LINE_FIRST),
}
const coarsePointer = matchMedia('(pointer: coarse)')

/** What Enter does in the composer. */
export type EnterKey = 'sends' | 'new-line'
export type KindOfDevice = keyof typeof choices

/** What Enter does on devices of a kind, and how to choose it. */
export const useEnterKey = (kind: KindOfDevice) => useKeptChoice(choices[kind])

/** What this device is now: a tablet changes when somebody puts it into its keyboard. */
export const useKindOfDevice = (): KindOfDevice =>
  useSyncExternalStore(subscribe, () => (coarsePointer.matches ? 'touch' : 'keyboard'))

function subscribe(changed: () => void): () => void {
  coarsePointer.addEventListener('change', changed)
  return () => coarsePointer.removeEventListener('change', changed)
}
