import { keptChoice, useKeptChoice } from './kept-choice.ts'

const themes = ['system', 'light', 'dark', 'contrast'] as const
export type Theme = (typeof themes)[number]

const theme = keptChoice('theme', themes)
const moreContrast = matchMedia('(prefers-contrast: more)')

/** Applies the chosen theme, now and whenever the system or another tab changes it. */
export function applyTheme(): void {
  const paint = () => {
    const chosen = theme.chosen()
    const shown = chosen === 'system' && moreContrast.matches ? 'contrast' : chosen
    document.documentElement.dataset.theme = shown
  }
  paint()
  moreContrast.addEventListener('change', paint)
  theme.subscribe(paint)
}

/** The chosen theme, and how to change it. */
export const useTheme = (): readonly [Theme, (theme: Theme) => void] => useKeptChoice(theme)
