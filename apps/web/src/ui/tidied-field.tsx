import { type ComponentProps, useLayoutEffect, useState } from 'react'
import { Field } from './field.tsx'

interface Props extends Omit<ComponentProps<typeof Field>, 'value' | 'onChange'> {
  /** What was typed, brought to the form in which it is shown. */
  readonly value: string
  /** How many characters of a text count; the others are there so that it is easier to read. */
  readonly count: (text: string) => number
  readonly onType: (typed: string) => void
}

interface Typed {
  readonly input: HTMLInputElement
  /** How many characters that count stand before the caret. */
  readonly before: number
  readonly isForward: boolean
}

/**
 * A field in which what is typed takes another form at once. The caret stays behind the same character,
 * and an input method finishes its word first.
 */
export function TidiedField({ value, count, onType, ...field }: Props) {
  const [composed, setComposed] = useState<string | null>(null)
  const [typed, setTyped] = useState<Typed | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caret is moved after typing only
  useLayoutEffect(() => {
    if (!typed || composed !== null) return
    const caret = placeAfter(value, typed, count)
    typed.input.setSelectionRange(caret, caret)
  }, [typed, composed])

  const take = (input: HTMLInputElement, inputType: string) => {
    const before = count(input.value.slice(0, input.selectionStart ?? input.value.length))
    setTyped({ input, before, isForward: inputType === 'deleteContentForward' })
    onType(input.value)
  }
  return (
    <Field
      {...field}
      value={composed ?? value}
      onChange={({ currentTarget, nativeEvent }) => {
        const { isComposing, inputType } = nativeEvent as InputEvent
        setComposed(isComposing ? currentTarget.value : null)
        take(currentTarget, inputType)
      }}
      onCompositionEnd={({ currentTarget }) => {
        setComposed(null)
        take(currentTarget, 'insertText')
      }}
    />
  )
}

/** The place behind as many counted characters; behind what is between them after deleting forward. */
function placeAfter(value: string, { before, isForward }: Typed, count: Props['count']): number {
  let place = 0
  while (place < value.length && count(value.slice(0, place)) < before) place += 1
  while (isForward && place < value.length && count(value.slice(0, place + 1)) === before)
    place += 1
  return place
}
