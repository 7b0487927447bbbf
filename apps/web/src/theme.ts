import { useSyncExternalStore } from 'react'

export const themes = ['system', 'light', 'dark', 'contrast'] as const
export type Theme = (typeof themes)[number]

// No secret: the one thing that is kept outside the client's storage, so that the first paint is right.
const KEY = 'sotto.theme'
const moreContrast = matchMedia('(prefers-contrast: more)')

function chosenTheme(): Theme {
  const kept = localStorage.getItem(KEY)
  return themes.find((theme) => theme === kept) ?? 'system'
}

/** Paints the page in the chosen theme, now and whenever the system or another tab changes it. */
export function applyTheme(): void {
  const paint = () => {
    const chosen = chosenTheme()
    const shown = chosen === 'system' && moreContrast.matches ? 'contrast' : chosen
    document.documentElement.dataset.theme = shown
  }
  paint()
  moreContrast.addEventListener('change', paint)
  addEventListener('storage', paint)
  addEventListener('sotto:theme', paint)
}

function chooseTheme(theme: Theme): void {
  localStorage.setItem(KEY, theme)
  dispatchEvent(new Event('sotto:theme'))
}

const subscribe = (changed: () => void) => {
  addEventListener('storage', changed)
  addEventListener('sotto:theme', changed)
  return () => {
    removeEventListener('storage', changed)
    removeEventListener('sotto:theme', changed)
  }
}

/** The chosen theme and how to choose another. */
export const useTheme = (): readonly [Theme, (theme: Theme) => void] => [
  useSyncExternalStore(subscribe, chosenTheme),
  chooseTheme,
]
