import type { KeyboardEvent } from 'react'

/** What browsers give as the code of a key that went to an input method. */
const KEY_OF_INPUT_METHOD = 229

/**
 * Whether a key went to an input method, which chooses a word by it or gives one up. WebKit has ended the
 * composition by then: only the code of the key tells.
 */
export const isComposing = ({ nativeEvent }: KeyboardEvent): boolean =>
  nativeEvent.isComposing || nativeEvent.keyCode === KEY_OF_INPUT_METHOD
