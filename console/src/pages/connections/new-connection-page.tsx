import { Link } from '@tanstack/react-router';
import { Cable } from 'lucide-react';
import { useMay } from '../../app/session.js';
import { Empty, Page } from '../../ui/panel.js';
import { ConnectionForm } from './connection-form.js';

/** Adds a connection, from what is known of its provider. */
export function NewConnectionPage() {
  const may = useMay();
  return (
    <Page
      title="Add a connection"
      description={
        <Link to="/connections" className="hover:underline">
          ← All connections
        </Link>
      }
    >
      {may('connections.create') ? (
        <ConnectionForm />
      ) : (
        <Empty icon={Cable} title="Your role adds no connections.">
          Ask a manager or an owner of the tenant.
        </Empty>
      )}
    </Page>
  );
}
