import type { KeyboardEvent } from 'react'

/** The key code that browsers report for a key handled by an input method. */
const KEY_OF_INPUT_METHOD = 229

/**
 * Whether an input method handled a key, for instance to choose or cancel a word. WebKit has already ended the
 * composition by then, so only the key code tells.
 */
export const isComposing = ({ nativeEvent }: KeyboardEvent): boolean =>
  nativeEvent.isComposing || nativeEvent.keyCode === KEY_OF_INPUT_METHOD
