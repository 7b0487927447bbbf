import { useSession } from './client/use-view.ts'
import { Starting } from './features/frame/starting.tsx'
import { SignedOut } from './features/welcome/signed-out.tsx'
import { later } from './later.tsx'
import { useRoute } from './routes.ts'

const Frame = later(async () => (await import('./features/frame/frame.tsx')).Frame)
const CreateProfile = later(
  async () => (await import('./features/sign-up/create-profile.tsx')).CreateProfile,
)
const ConfirmRecovery = later(
  async () => (await import('./features/recovery/confirm-recovery.tsx')).ConfirmRecovery,
)
const Locked = later(async () => (await import('./features/recovery/locked.tsx')).Locked)
const KeepKey = later(async () => (await import('./features/recovery/keep-key.tsx')).KeepKey)

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
