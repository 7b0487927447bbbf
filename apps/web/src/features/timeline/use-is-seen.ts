import { useSyncExternalStore } from 'react'

const subscribe = (changed: () => void) => {
  document.addEventListener('visibilitychange', changed)
  addEventListener('focus', changed)
  addEventListener('blur', changed)
  return () => {
    document.removeEventListener('visibilitychange', changed)
    removeEventListener('focus', changed)
    removeEventListener('blur', changed)
  }
}

const isSeen = () => document.visibilityState === 'visible' && document.hasFocus()

/** Whether the person is looking at this page. */
export const useIsSeen = (): boolean => useSyncExternalStore(subscribe, isSeen)
