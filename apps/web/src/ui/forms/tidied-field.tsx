import { type ComponentProps, useLayoutEffect, useState } from 'react'
import { Field } from './field.tsx'

interface Props extends Omit<ComponentProps<typeof Field>, 'value' | 'onChange'> {
  /** The typed text, converted to its display form. */
  readonly value: string
  /** How many characters of a text are significant; the others only make it easier to read. */
  readonly count: (text: string) => number
  readonly onType: (typed: string) => void
}

interface Typed {
  readonly input: HTMLInputElement
  /** How many significant characters precede the caret. */
  readonly before: number
}

/**
 * A field that reformats text as it is typed. The caret stays behind the same character, and an input method finishes
 * its word first.
 */
export function TidiedField({ value, count, onType, ...field }: Props) {
  const [composed, setComposed] = useState<string | null>(null)
  const [typed, setTyped] = useState<Typed | null>(null)
  // biome-ignore lint/correctness/useExhaustiveDependencies: the caret moves only after typing
  useLayoutEffect(() => {
    if (!typed || composed !== null) return
    const caret = placeAfter(value, typed.before, count)
    typed.input.setSelectionRange(caret, caret)
  }, [typed, composed])

  const take = (input: HTMLInputElement, inputType: string) => {
    const caret = input.selectionStart ?? input.value.length
    const isUnchanged = count(input.value) === count(value)
    const text = isUnchanged ? withDeleted(input.value, caret, inputType, count) : input.value
    const isShorter = inputType === 'deleteContentBackward' && text !== input.value
    setTyped({ input, before: count(input.value.slice(0, caret)) - (isShorter ? 1 : 0) })
    onType(text)
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

/** If a key deleted only a separator, the text without the character next to it. */
function withDeleted(text: string, caret: number, inputType: string, count: Props['count']) {
  const counted = [...text.matchAll(/./gsu)].filter(([character]) => count(character) > 0)
  const gone =
    inputType === 'deleteContentForward'
      ? counted.find(({ index }) => index >= caret)
      : inputType === 'deleteContentBackward'
        ? counted.findLast(({ index }) => index < caret)
        : undefined
  return gone ? text.slice(0, gone.index) + text.slice(gone.index + gone[0].length) : text
}

/** The position after `before` significant characters. */
function placeAfter(value: string, before: number, count: Props['count']): number {
  let place = 0
  while (place < value.length && count(value.slice(0, place)) < before) place += 1
  return place
}
