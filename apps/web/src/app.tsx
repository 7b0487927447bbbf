import { useSession } from './client/use-view.ts'
import { Frame } from './features/frame/frame.tsx'
import { Starting } from './features/frame/starting.tsx'
import { ConfirmRecovery } from './features/recovery/confirm-recovery.tsx'
import { KeepKey } from './features/recovery/keep-key.tsx'
import { Locked } from './features/recovery/locked.tsx'
import { CreateProfile } from './features/sign-up/create-profile.tsx'
import { SignedOut } from './features/welcome/signed-out.tsx'
import { useRoute } from './routes.ts'

/** The page for where the person stands between opening the app and talking. */
export function App() {
  const session = useSession()
  const route = useRoute()
  switch (session.stage) {
    case 'starting':
      return <Starting />
    case 'signed_out':
      return <SignedOut session={session} />
    case 'needs_profile':
      return <CreateProfile accountId={session.accountId} />
    case 'confirm_recovery':
      return <ConfirmRecovery session={session} />
    case 'locked':
      return <Locked session={session} />
    case 'ready':
      return route.at === 'keep-key' ? <KeepKey /> : <Frame route={route} />
  }
}
