import { Badge } from '../../ui/badge.js';
import { Fact, Facts } from '../../ui/panel.js';
import { Time } from '../../ui/time.js';
import { Expiry, Preset } from './key-columns.js';
import type { KeyObject } from './key-draft.js';

const listOf = (names: readonly string[], none = 'none') =>
  names.length === 0 ? (
    <span className="text-muted">{none}</span>
  ) : (
    <span className="flex flex-wrap gap-1">
      {names.map((name) => (
        <Badge key={name}>{name === '*' ? 'all' : name}</Badge>
      ))}
    </span>
  );

/** What a key is. */
export const KeyFacts = ({ of: key }: { readonly of: KeyObject }) => (
  <Facts>
    <Fact label="Secret">
      <code>gtak_…{key.last_four}</code>
    </Fact>
    <Fact label="Preset">
      <Preset preset={key.preset} purpose={key.purpose} />
    </Fact>
    <Fact label="Purpose">{key.purpose}</Fact>
    <Fact label="Scopes">{listOf(key.effective_scopes)}</Fact>
    <Fact label="Aliases">{listOf(key.agents)}</Fact>
    <Fact label="Raw models">{listOf(key.raw_models)}</Fact>
    <Fact label="Datasets">{listOf(key.datasets)}</Fact>
    <Fact label="Allowed addresses">{listOf(key.allowed_ips, 'everywhere')}</Fact>
    <Fact label="Waits for approvals">{listOf(key.approval)}</Fact>
    <Fact label="Expires">
      <Expiry at={key.expires_at} />
    </Fact>
    <Fact label="Created">
      <Time at={key.created_at} />
    </Fact>
    <Fact label="Streams">
      {key.keep_alive === 'off' ? 'not kept open' : `kept open with ${key.keep_alive}s`}
      {key.websocket ? ', WebSocket too' : ', no WebSocket'}
    </Fact>
    {key.links !== null && (
      <Fact label="Keys that it uses">{listOf([key.links.inference, key.links.upload].filter((one) => one !== null))}</Fact>
    )}
    {key.prompt_policy !== undefined && (
      <Fact label="Prompt policy">
        {key.prompt_policy.instructions === undefined ? 'No instructions' : 'Instructions'},{' '}
        {(key.prompt_policy.guardrails ?? []).length} guardrails
      </Fact>
    )}
  </Facts>
);
