import { Code } from '../../ui/copy.js';
import { Fact, Facts, Panel } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { specOf, type Agent } from './agent-draft.js';
import { labelOf, saidOf } from './differences.js';

/** The draft of an agent, as it is. */
export function AgentOverview({ of: agent }: { readonly of: Agent }) {
  const { instructions, ...rest } = specOf(agent);
  return (
    <div className="flex flex-col gap-5">
      <Panel title="Instructions">
        {instructions === '' ? <p className="text-sm text-muted">It has none.</p> : <Code text={instructions} />}
      </Panel>
      <Panel title="Draft">
        <Facts>
          {Object.entries(rest).map(([name, value]) => (
            <Fact key={name} label={labelOf(name)}>
              <span className="whitespace-pre-wrap">{saidOf(value)}</span>
            </Fact>
          ))}
          <Fact label="Changed">
            <Time at={agent.updated_at} />
          </Fact>
        </Facts>
      </Panel>
    </div>
  );
}
