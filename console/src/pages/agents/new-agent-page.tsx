import { Link } from '@tanstack/react-router';
import { Bot } from 'lucide-react';
import { useMay } from '../../app/session.js';
import { Empty, Page } from '../../ui/panel.js';
import { AgentForm } from './agent-form.js';

/** Makes an agent. */
export function NewAgentPage() {
  const may = useMay();
  return (
    <Page
      title="Create an agent"
      description={
        <Link to="/agents" className="hover:underline">
          ← All agents
        </Link>
      }
    >
      {may('agents.create') ? (
        <AgentForm />
      ) : (
        <Empty icon={Bot} title="Your role makes no agents.">
          Ask a manager or an owner of the tenant.
        </Empty>
      )}
    </Page>
  );
}
