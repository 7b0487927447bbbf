import type { SessionView } from '@sotto/sdk'
import { later } from '../../later.tsx'
import { useRoute } from '../../routes.ts'
import { Welcome } from './welcome.tsx'

const LogIn = later(async () => (await import('../log-in/log-in.tsx')).LogIn)
const SignUpByEmail = later(
  async () => (await import('../sign-up/sign-up-by-email.tsx')).SignUpByEmail,
)
const SignUpByPhone = later(
  async () => (await import('../sign-up/sign-up-by-phone.tsx')).SignUpByPhone,
)

/** Everything that is there for somebody who is not logged in. */
export function SignedOut({ session }: { session: Extract<SessionView, { stage: 'signed_out' }> }) {
  const route = useRoute()
  switch (route.at) {
    case 'sign-up':
      return route.by === 'phone' ? (
        <SignUpByPhone />
      ) : (
        <SignUpByEmail purpose="sign-up" key="new" />
      )
    case 'forgot-password':
      return <SignUpByEmail purpose="new-password" key="forgotten" />
    case 'log-in':
      return <LogIn />
    default:
      return <Welcome reason={session.reason} />
  }
}
