import type { SessionView } from '@sotto/sdk'
import { useRoute } from '../../routes.ts'
import { LogIn } from '../log-in/log-in.tsx'
import { SignUpByEmail } from '../sign-up/sign-up-by-email.tsx'
import { SignUpByPhone } from '../sign-up/sign-up-by-phone.tsx'
import { Welcome } from './welcome.tsx'

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
