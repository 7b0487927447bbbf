import { useSyncExternalStore } from 'react'

const subscribe = (onChange: () => void) => {
  document.addEventListener('visibilitychange', onChange)
  addEventListener('focus', onChange)
  addEventListener('blur', onChange)
  return () => {
    document.removeEventListener('visibilitychange', onChange)
    removeEventListener('focus', onChange)
    removeEventListener('blur', onChange)
  }
}

const isSeen = () => document.visibilityState === 'visible' && document.hasFocus()

/** Whether the person is looking at this page. */
export const useIsSeen = (): boolean => useSyncExternalStore(subscribe, isSeen)
