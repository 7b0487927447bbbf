import { useSyncExternalStore } from 'react'
import { keptChoice, useKeptChoice } from '../../kept-choice.ts'

const SENDS_FIRST = ['sends', 'new-line'] as const
const NEW_LINE_FIRST = ['new-line', 'sends'] as const

/** A touch screen has no Shift to hold, so Enter has to start a new line there. */
const choices = {
  keyboard: keptChoice<EnterKey>('enter-at-keyboard', SENDS_FIRST),
  touch: keptChoice<EnterKey>('enter-on-touch', NEW_LINE_FIRST),
}
const coarsePointer = matchMedia('(pointer: coarse)')

/** What Enter does in the composer. */
export type EnterKey = 'sends' | 'new-line'
export type KindOfDevice = keyof typeof choices

/** What Enter does on this kind of device, and how to change it. */
export const useEnterKey = (kind: KindOfDevice) => useKeptChoice(choices[kind])

/** The current kind of device: a tablet changes when it is docked to a keyboard. */
export const useKindOfDevice = (): KindOfDevice =>
  useSyncExternalStore(subscribe, () => (coarsePointer.matches ? 'touch' : 'keyboard'))

function subscribe(onChange: () => void): () => void {
  coarsePointer.addEventListener('change', onChange)
  return () => coarsePointer.removeEventListener('change', onChange)
}
