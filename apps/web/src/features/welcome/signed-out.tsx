import type { SessionView, SignUpPolicy } from '@sotto/sdk'
import type { CodeChannel } from '@sotto/wire'
import { useLoaded } from '../../client/hooks/use-command.ts'
import { later } from '../../later.tsx'
import { Starting } from '../../layout/starting.tsx'
import { useRoute } from '../../routes.ts'
import { isOpenTo, Welcome } from './welcome.tsx'

const Join = later(async () => (await import('../invitations/join.tsx')).Join)
const LogIn = later(async () => (await import('../log-in/log-in.tsx')).LogIn)
const SignUpByEmail = later(
  async () => (await import('../sign-up/sign-up-by-email.tsx')).SignUpByEmail,
)
const SignUpByPhone = later(
  async () => (await import('../sign-up/sign-up-by-phone.tsx')).SignUpByPhone,
)

/** All pages for a person who isn't logged in, without anything this server doesn't offer. */
export function SignedOut({ session }: { session: Extract<SessionView, { stage: 'signed_out' }> }) {
  const route = useRoute()
  const offer = useOffer(route.at)
  if (route.at === 'join') return <Join link={route.link} />
  if (offer === null) return <Starting />
  const { channels, policy } = offer
  const byPhone = channels.includes('phone')
  const byEmail = channels.includes('email')
  const isOpen = isOpenTo(policy)
  const reason = session.renewed ? 'keys_renewed' : session.reason
  const welcome = <Welcome reason={reason} channels={channels} policy={policy} />
  switch (route.at) {
    case 'sign-up':
      if (route.by === 'phone') return byPhone ? <SignUpByPhone isOpen={isOpen} /> : welcome
      return byEmail ? <SignUpByEmail purpose="sign-up" isOpen={isOpen} key="new" /> : welcome
    case 'forgot-password':
      return byEmail ? (
        <SignUpByEmail purpose="new-password" isOpen={isOpen} key="forgotten" />
      ) : (
        welcome
      )
    case 'log-in':
      return <LogIn channels={channels} />
    default:
      return welcome
  }
}

/** The options that a server offers before log-in. */
interface Offer {
  /** How this server can send codes. */
  readonly channels: readonly CodeChannel[]
  readonly policy: SignUpPolicy
}

// An unreachable server is assumed to offer everything; it will refuse what it doesn't.
const everything: Offer = {
  channels: ['phone', 'email'],
  policy: { signUp: 'open', membersInvite: false, isInvited: false },
}

/** Null until it is known. */
function useOffer(place: string): Offer | null {
  const answer = useLoaded(`offer at ${place}`, async (commands) => {
    const [channels, policy] = await Promise.all([commands.listChannels(), commands.signUpPolicy()])
    return { channels, policy }
  })
  if (answer.state === 'loading') return null
  return answer.state === 'loaded' ? answer.value : everything
}
