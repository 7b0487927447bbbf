import { i18n } from '@lingui/core'
import { t } from '@lingui/core/macro'
import { Trans } from '@lingui/react/macro'
import { contestants, counts, type Plan } from '@sotto/benchmark/plan'
import { useState } from 'react'
import { Button } from '../../ui/buttons/button.tsx'
import { type Choice, ChoiceCards } from '../../ui/forms/choice-cards.tsx'
import { Actions, Form } from '../../ui/forms/form.tsx'

const sizeChoices = (): readonly Choice<'100' | '1024'>[] => [
  { value: '100', title: t`100 bytes`, text: t`A sentence or two.` },
  { value: '1024', title: t`1 KiB`, text: t`A long message.` },
]

const upTo = (count: number) => t`Up to ${{ count: i18n.number(count) }}`

type Most = '100' | '1000' | '10000' | '100000'
const countChoices = (): readonly Choice<Most>[] => [
  { value: '100', title: upTo(100), text: t`A few seconds, for a first look.` },
  { value: '1000', title: upTo(1000), text: t`Less than a minute.` },
  { value: '10000', title: upTo(10_000), text: t`A minute or two.` },
  {
    value: '100000',
    title: upTo(100_000),
    text: t`A few minutes. Runs that would take too long are calculated from fewer messages and marked.`,
  },
]

const ROUNDS = 5
const BUDGET_MS = 400

/** Chooses what to measure, and starts it. */
export function ChoosePlan({ onStart }: { onStart: (plan: Plan) => void }) {
  const [size, setSize] = useState<'100' | '1024'>('100')
  const [most, setMost] = useState<Most>('1000')
  const start = () =>
    onStart({
      contestants,
      sizes: [Number(size)],
      counts: counts.filter((count) => count <= Number(most)),
      rounds: ROUNDS,
      budgetMs: BUDGET_MS,
    })
  return (
    <Form onSubmit={start}>
      <ChoiceCards legend={t`Length`} choices={sizeChoices()} value={size} onChange={setSize} />
      <ChoiceCards legend={t`Messages`} choices={countChoices()} value={most} onChange={setMost} />
      <Actions>
        <Button type="submit" look="main">
          <Trans>Measure</Trans>
        </Button>
      </Actions>
    </Form>
  )
}
