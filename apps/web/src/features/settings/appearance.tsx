import { type Theme, useTheme } from '../../theme.ts'
import { type Choice, ChoiceCards } from '../../ui/choice-cards.tsx'

const choices: readonly Choice<Theme>[] = [
  { value: 'system', title: 'Like the system' },
  { value: 'light', title: 'Light' },
  { value: 'dark', title: 'Dark' },
  { value: 'contrast', title: 'High contrast', text: 'Light or dark after the system.' },
]

/** Chooses the colours, for this browser. */
export function Appearance() {
  const [theme, chooseTheme] = useTheme()
  return <ChoiceCards legend="Colours" choices={choices} value={theme} onChange={chooseTheme} />
}
