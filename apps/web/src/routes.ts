import { ConversationId, EnvelopeId } from '@sotto/wire'
import { useSyncExternalStore } from 'react'

export const settingsPages = [
  'profile',
  'appearance',
  'writing',
  'privacy',
  'recovery',
  'password',
  'rsa-key',
  'devices',
  'storage',
  'blocked',
  'invitations',
  'speed',
  'leave',
] as const
export type SettingsPage = (typeof settingsPages)[number]

/** Every place in the app. It is in the address after `#`, so that no id reaches a server log. */
export type Route =
  | { at: 'home' }
  | { at: 'sign-up'; by: 'phone' | 'email' }
  | { at: 'log-in' }
  /** An invitation was opened. `link` is all of it. */
  | { at: 'join'; link: string }
  | { at: 'forgot-password' }
  | { at: 'new' }
  | { at: 'requests' }
  | { at: 'conversation'; id: ConversationId; panel: Panel | null }
  | { at: 'settings'; page: SettingsPage | null }
  /** Offers the private RSA key as a file, once, after signing up with one. */
  | { at: 'keep-key' }

/** The panel beside a conversation. */
export type Panel = { show: 'person' } | { show: 'server'; message: EnvelopeId }

export const home: Route = { at: 'home' }

/** Parses the part after `#`; anything unknown is home. */
function parseRoute(hash: string): Route {
  const [first, ...rest] = hash.replace(/^#?\/?/, '').split('/')
  switch (first) {
    case 'sign-up':
      return { at: 'sign-up', by: rest[0] === 'email' ? 'email' : 'phone' }
    case 'log-in':
    case 'forgot-password':
    case 'new':
    case 'requests':
    case 'keep-key':
      return { at: first }
    case 'join':
      return { at: first, link: location.href }
    case 'c':
      return parseConversation(rest)
    case 'settings':
      return { at: 'settings', page: settingsPages.find((page) => page === rest[0]) ?? null }
    default:
      return home
  }
}

function parseConversation([id, show, message]: readonly string[]): Route {
  const conversation = ConversationId.safeParse(id)
  if (!conversation.success) return home
  return { at: 'conversation', id: conversation.data, panel: parsePanel(show, message) }
}

function parsePanel(show: string | undefined, message: string | undefined): Panel | null {
  if (show === 'person') return { show }
  const id = EnvelopeId.safeParse(message)
  return show === 'server' && id.success ? { show, message: id.data } : null
}

/** A place's address, for `href`. */
export function hrefOf(route: Route): string {
  switch (route.at) {
    case 'home':
      return '#/'
    case 'sign-up':
      return `#/sign-up/${route.by}`
    case 'conversation':
      return `#/c/${route.id}${panelPath(route.panel)}`
    case 'settings':
      return route.page ? `#/settings/${route.page}` : '#/settings'
    default:
      return `#/${route.at}`
  }
}

function panelPath(panel: Panel | null): string {
  if (!panel) return ''
  return panel.show === 'person' ? '/person' : `/server/${panel.message}`
}

/** A conversation's address. */
export const conversationHref = (id: ConversationId, panel: Panel | null = null): string =>
  hrefOf({ at: 'conversation', id, panel })

/** Goes to a place. With `replace`, the back button doesn't return here. */
export function navigate(route: Route, { replace = false } = {}): void {
  if (replace) location.replace(hrefOf(route))
  else location.hash = hrefOf(route)
}

const subscribe = (onChange: () => void) => {
  addEventListener('hashchange', onChange)
  return () => removeEventListener('hashchange', onChange)
}

/** Whether a place is only for people who aren't logged in. */
export const isEntrance = ({ at }: Route): boolean =>
  at === 'sign-up' || at === 'log-in' || at === 'forgot-password' || at === 'join'

let known: { hash: string; route: Route } | undefined

function currentRoute(): Route {
  // The same hash yields the same object, as React requires of a snapshot.
  if (known?.hash !== location.hash)
    known = { hash: location.hash, route: parseRoute(location.hash) }
  return known.route
}

/** The current place. */
export const useRoute = (): Route => useSyncExternalStore(subscribe, currentRoute)
