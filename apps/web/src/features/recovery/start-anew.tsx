import { useState } from 'react'
import { useCommand } from '../../client/use-command.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import { Actions, Form } from '../../ui/form.tsx'
import { FailureNotice, Notice } from '../../ui/notice.tsx'
import { Entrance } from '../frame/entrance.tsx'
import { LoadPem } from './load-pem.tsx'
import styles from './start-anew.module.css'

const TYPED = 'new keys'

/** Says plainly what is lost without the recovery code, and lets the person go on without it. */
export function StartAnew({ withPem, onBack }: { withPem: boolean; onBack: () => void }) {
  const [typed, setTyped] = useState('')
  const start = useCommand((commands) => commands.startWithNewKeys())
  const isTyped = typed.trim().toLowerCase() === TYPED

  return (
    <Entrance title="Without the code">
      <Notice tone="warn" title="Look again first">
        <p>
          On paper, in your password manager, among your downloads (
          <code>sotto-recovery-code.txt</code>). A browser or phone where Sotto still opens has your
          keys too: there, Settings gives you a new code.
        </p>
      </Notice>
      <section className={styles.lost}>
        <h2>If you start with new keys</h2>
        <ul>
          <li>
            Messages you have received and sent so far stay closed, for ever and for everybody.
          </li>
          <li>Everybody you write with sees that your key has changed and has to accept it.</li>
          <li>Your account, name and conversations stay.</li>
        </ul>
      </section>
      {withPem && <LoadPem purpose="locked" />}
      <Form onSubmit={() => isTyped && start.run()}>
        <Field
          label={`Type “${TYPED}” to go on`}
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          value={typed}
          onChange={(event) => setTyped(event.target.value)}
        />
        <FailureNotice failure={start.failure} />
        <Actions>
          <Button onClick={onBack}>Back to the code</Button>
          <Button type="submit" look="danger" busy={start.busy} disabled={!isTyped}>
            Start with new keys
          </Button>
        </Actions>
      </Form>
    </Entrance>
  )
}
