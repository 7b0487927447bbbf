import type { SessionView } from '@sotto/sdk'
import type { CodeChannel } from '@sotto/wire'
import { useLoaded } from '../../client/use-command.ts'
import { later } from '../../later.tsx'
import { useRoute } from '../../routes.ts'
import { Starting } from '../frame/starting.tsx'
import { Welcome } from './welcome.tsx'

const LogIn = later(async () => (await import('../log-in/log-in.tsx')).LogIn)
const SignUpByEmail = later(
  async () => (await import('../sign-up/sign-up-by-email.tsx')).SignUpByEmail,
)
const SignUpByPhone = later(
  async () => (await import('../sign-up/sign-up-by-phone.tsx')).SignUpByPhone,
)

/** Everything that is there for somebody who is not logged in; what this server does not offer is not. */
export function SignedOut({ session }: { session: Extract<SessionView, { stage: 'signed_out' }> }) {
  const route = useRoute()
  const channels = useChannels()
  if (channels === null) return <Starting />
  const byPhone = channels.includes('phone')
  const byEmail = channels.includes('email')
  const welcome = <Welcome reason={session.reason} channels={channels} />
  switch (route.at) {
    case 'sign-up':
      if (route.by === 'phone') return byPhone ? <SignUpByPhone /> : welcome
      return byEmail ? <SignUpByEmail purpose="sign-up" key="new" /> : welcome
    case 'forgot-password':
      return byEmail ? <SignUpByEmail purpose="new-password" key="forgotten" /> : welcome
    case 'log-in':
      return <LogIn channels={channels} />
    default:
      return welcome
  }
}

const bothWays: readonly CodeChannel[] = ['phone', 'email']

/**
 * The ways in which this server sends codes; null until that is known. A server that cannot be reached
 * has both: what is closed it refuses itself.
 */
function useChannels(): readonly CodeChannel[] | null {
  const answer = useLoaded('channels', (commands) => commands.listChannels())
  if (answer.state === 'loading') return null
  return answer.state === 'loaded' ? answer.value : bothWays
}
