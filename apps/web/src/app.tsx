import { t } from '@lingui/core/macro'
import type { SessionView } from '@sotto/sdk'
import { useEffect } from 'react'
import { useSession } from './client/hooks/use-view.ts'
import { SignedOut } from './features/welcome/signed-out.tsx'
import { later } from './later.tsx'
import { Starting } from './layout/starting.tsx'
import { home, isEntrance, navigate, type Route, useRoute } from './routes.ts'
import { MissingToStart } from './start/missing-to-start.tsx'
import { asPage, Boundary } from './ui/notices/boundary.tsx'

const Frame = later(async () => (await import('./features/frame/frame.tsx')).Frame)
const CreateProfile = later(
  async () => (await import('./features/sign-up/create-profile.tsx')).CreateProfile,
)
const ConfirmRecovery = later(
  async () => (await import('./features/recovery/confirm-recovery.tsx')).ConfirmRecovery,
)
const Locked = later(async () => (await import('./features/recovery/locked.tsx')).Locked)
const NewKeysWait = later(
  async () => (await import('./features/recovery/new-keys-wait.tsx')).NewKeysWait,
)
const KeepKey = later(async () => (await import('./features/recovery/keep-key.tsx')).KeepKey)

/** The page for the person's progress from opening the app to chatting. */
export function App() {
  const session = useSession()
  const route = useRoute()
  const isIn = session.stage !== 'starting' && session.stage !== 'signed_out'
  // When the log-in ends, the first page says why; a form that was filled in long ago can't.
  useEffect(() => {
    if (isIn && isEntrance(route)) navigate(home, { replace: true })
  }, [isIn, route])
  return (
    <Boundary failure={t`This page can’t be shown.`} around={asPage} of={[session.stage, route]}>
      <Page session={session} route={route} />
    </Boundary>
  )
}

function Page({ session, route }: { session: SessionView; route: Route }) {
  switch (session.stage) {
    case 'starting':
      return (
        <Starting>
          <MissingToStart />
        </Starting>
      )
    case 'signed_out':
      return <SignedOut session={session} />
    case 'needs_profile':
      return <CreateProfile accountId={session.accountId} />
    case 'confirm_recovery':
      return <ConfirmRecovery session={session} />
    case 'locked':
      return <Locked session={session} />
    case 'new_keys_wait':
      return <NewKeysWait dueAt={session.dueAt} />
    case 'ready':
      return route.at === 'keep-key' ? <KeepKey /> : <Frame route={route} />
  }
}
